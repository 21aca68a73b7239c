"""The ticker: one tick to every partition, again and again, whatever fails in between."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from domain.events import Tick
from ingest import clock
from ingest.clock import tick, ticking, wall
from ingest.service import build
from ingest.settings import IngestSettings
from runtime.errors import NotReady
from schemas.codec import decode
from schemas.topics import TICK_KEY
from tests.unit.ingest.conftest import NOW
from tests.unit.ingest.doubles import MemoryDecisions, MemoryKeys, MemoryOutlet

TOPIC = "t-interactions"
SOON = 0.001


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- the double has no event to wait for
            await asyncio.sleep(SOON)


def ticks(outlet: MemoryOutlet) -> list[list[Tick]]:
    return [[decode("interactions", value) for _, value, _ in log] for log in outlet.logs]


def test_every_partition_gets_the_same_tick_under_the_reserved_key() -> None:
    outlet = MemoryOutlet(partitions=4)
    asyncio.run(tick(outlet, TOPIC, NOW))
    assert ticks(outlet) == [[Tick(NOW.replace(microsecond=123_000))]] * 4
    for key, _, headers in outlet.records():
        assert key == TICK_KEY
        assert dict(headers) == {"event-type": b"tick", "schema-version": b"1"}


def test_it_ticks_at_once_and_goes_on() -> None:
    outlet, times = MemoryOutlet(partitions=2), iter(NOW + timedelta(minutes=n) for n in range(10_000))

    async def run() -> None:
        task = asyncio.create_task(ticking(outlet, TOPIC, SOON, lambda: next(times)))
        await until(lambda: len(outlet.logs[1]) >= 3)
        task.cancel()

    asyncio.run(run())
    for log in ticks(outlet):
        seen = [event.recorded_at for event in log]
        assert seen == sorted(set(seen))


def test_a_tick_that_fails_is_left_out_and_the_next_comes() -> None:
    outlet = MemoryOutlet()
    outlet.away, asked = True, []

    def now() -> datetime:
        asked.append(1)
        return NOW

    async def run() -> None:
        task = asyncio.create_task(ticking(outlet, TOPIC, SOON, now))
        await until(lambda: len(asked) >= 2)
        assert outlet.records() == []
        outlet.away = False
        await until(lambda: bool(outlet.logs[2]))
        task.cancel()

    asyncio.run(run())


def test_a_slow_clock_tries_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "RETRY_S", SOON)
    outlet = MemoryOutlet()
    outlet.away = True

    async def run() -> None:
        task = asyncio.create_task(ticking(outlet, TOPIC, 3600, lambda: NOW))
        await asyncio.sleep(10 * SOON)
        outlet.away = False
        await until(lambda: bool(outlet.logs[2]))
        task.cancel()

    asyncio.run(run())


def test_a_single_tick_without_kafka_says_so() -> None:
    outlet = MemoryOutlet()
    outlet.away = True
    with pytest.raises(NotReady):
        asyncio.run(tick(outlet, TOPIC, NOW))


async def lived(app: FastAPI, outlet: MemoryOutlet) -> int:
    async with app.router.lifespan_context(app):
        await until(lambda: all(outlet.logs))
    count = len(outlet.records())
    await asyncio.sleep(10 * SOON)
    assert len(outlet.records()) == count
    return count


def test_the_app_ticks_while_it_lives_and_stops_with_it(settings: IngestSettings) -> None:
    outlet = MemoryOutlet()
    running = settings.model_copy(update={"clock_seconds": SOON})
    assert asyncio.run(lived(build(running, outlet, MemoryKeys(), MemoryDecisions(), wall), outlet)) >= 3


def test_a_clock_of_zero_seconds_does_not_tick(settings: IngestSettings) -> None:
    outlet = MemoryOutlet()

    async def run() -> None:
        app = build(settings, outlet, MemoryKeys(), MemoryDecisions(), wall)
        async with app.router.lifespan_context(app):
            await asyncio.sleep(10 * SOON)

    asyncio.run(run())
    assert outlet.records() == []


def test_the_wall_clock_is_aware() -> None:
    assert wall().tzinfo is UTC
