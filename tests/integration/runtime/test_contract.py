"""One contract for a transform: the in-memory driver and the processor on a real broker keep it alike."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest

from domain.events import Tick, TickEnriched
from domain.vocabulary import Verdict
from extractor.service import build
from runtime.driver import Driver, Written
from runtime.settings import Settings
from schemas.codec import encode
from schemas.topics import TICK_KEY
from tests import broker, given
from tests.keyring import MemoryKeys


class Twin(Protocol):
    """What the contract needs of either."""

    def send(self, key: bytes | None, data: bytes | None) -> None: ...
    def written(self, topic: str, count: int) -> list[Written]: ...
    def restart(self) -> None: ...


class InMemory:
    """The driver."""

    def __init__(self) -> None:
        self._driver = Driver(build(MemoryKeys()))

    def send(self, key: bytes | None, data: bytes | None) -> None:
        self._driver.send_bytes(key, data)

    def written(self, topic: str, count: int) -> list[Written]:
        return [each for each in self._driver.log if each.topic == topic]

    def restart(self) -> None:
        self._driver.restart()


class OnBroker:
    """The processor, over one partition of a real topic."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._start()

    def send(self, key: bytes | None, data: bytes | None) -> None:
        broker.write(self._settings, "interactions", (key, data), partition=0)

    def written(self, topic: str, count: int) -> list[Written]:
        if topic.endswith(".dead"):
            found = [Written(topic, "", message.value) for message in self._wait(topic, count, broker.read)]
        else:
            found = self._wait(topic, count, broker.events)
        return found

    def restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    def _start(self) -> None:
        self._running: AbstractContextManager[Any] = broker.running(build(MemoryKeys()), self._settings)
        self._running.__enter__()

    def _wait(self, topic: str, count: int, how: Any) -> list[Any]:
        found: list[Any] = broker.eventually(
            lambda: (seen := how(self._settings, topic)) and len(seen) >= count and seen,
            f"{count} on {topic}",
        )
        return found


@pytest.fixture(params=["driver", "broker"])
def twin(request: pytest.FixtureRequest) -> Iterator[Twin]:
    if request.param == "driver":
        yield InMemory()
        return
    on_broker = OnBroker(request.getfixturevalue("settings"))
    try:
        yield on_broker
    finally:
        on_broker.stop()


def bytes_of(event: Any) -> tuple[bytes, bytes]:
    key = TICK_KEY if isinstance(event, Tick) else event.lead_id
    return key.encode(), encode("interactions", event)


def test_an_event_is_answered_once_with_its_root_offset(twin: Twin) -> None:
    twin.send(*bytes_of(given.recorded_lead()))

    (enriched,) = twin.written("enriched", 1)

    assert enriched.value.cause_event_id == "lead-1"
    assert enriched.value.root_offset == 0


def test_a_repeat_is_known_after_a_restart(twin: Twin) -> None:
    twin.send(*bytes_of(given.recorded_lead()))
    twin.written("enriched", 1)
    twin.restart()

    twin.send(*bytes_of(given.recorded_lead()))

    assert twin.written("enriched", 2)[1].value.verdict is Verdict.DUPLICATE


def test_time_goes_on_from_where_it_was_after_a_restart(twin: Twin) -> None:
    twin.send(*bytes_of(Tick(given.NOON)))
    twin.written("enriched", 1)
    twin.restart()

    twin.send(*bytes_of(Tick(given.later(minutes=-1))))
    twin.send(*bytes_of(Tick(given.later(minutes=1))))

    ticks = [each.value for each in twin.written("enriched", 2)]
    assert ticks == [TickEnriched(given.NOON, 0), TickEnriched(given.later(minutes=1), ticks[1].root_offset)]


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (b"fam-1", b"not a frame"),
        (b"fam-1", b"\x00\x00\x00\x00\x00no such schema"),
        (b"fam-1", None),
        (b"fam-2", encode("interactions", given.recorded_lead())),
        (b"fam-1", encode("interactions", given.recorded_lead())[:-4]),
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_flow_goes_on(
    twin: Twin, key: bytes, data: bytes | None
) -> None:
    twin.send(key, data)
    twin.send(*bytes_of(given.recorded_lead()))

    (dead,) = twin.written("extractor.dead", 1)
    (enriched,) = twin.written("enriched", 1)

    assert dead.value == data
    assert enriched.value.cause_event_id == "lead-1"
