"""As many threads as connections: who finds none free waits, but not for long."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from projections.api import workers
from projections.api.workers import Workers
from runtime.problems import Problem

MARK: ContextVar[str] = ContextVar("mark", default="none")


def test_work_sees_the_caller_s_context() -> None:
    async def ask() -> str:
        MARK.set("the caller's")
        return await Workers(1).run(MARK.get)

    assert asyncio.run(ask()) == "the caller's"


def test_who_finds_no_thread_waits_for_one() -> None:
    begun, go = threading.Event(), threading.Event()

    def long() -> str:
        begun.set()
        go.wait(10)
        return "first"

    async def ask() -> list[str]:
        few = Workers(1)
        first = asyncio.create_task(few.run(long))
        await asyncio.to_thread(begun.wait, 10)
        second = asyncio.create_task(few.run(lambda: "second"))
        await asyncio.sleep(0)
        assert not second.done()
        go.set()
        return [await first, await second]

    assert asyncio.run(ask()) == ["first", "second"]


def test_who_waits_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TURN_S", 0.01)
    go = threading.Event()

    async def ask() -> None:
        few = Workers(1)
        first = asyncio.create_task(few.run(go.wait, 10))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as told:
            await few.run(lambda: None)
        go.set()
        await first
        assert told.value.status_code == 503
        assert await few.run(lambda: "free again") == "free again"

    asyncio.run(ask())


def test_work_that_fails_gives_its_thread_back() -> None:
    def broken() -> None:
        raise ValueError("broken")

    async def ask() -> str:
        few = Workers(1)
        with pytest.raises(ValueError, match="broken"):
            await few.run(broken)
        return await few.run(lambda: "free again")

    assert asyncio.run(ask()) == "free again"
