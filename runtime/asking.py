"""Asks many questions at once, off the thread that owns the loop; each ends by its deadline, whatever is asked."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from runtime.transform import Asking

log = structlog.get_logger()

ANSWERED, UNANSWERED, LATE, SPARED = "answered", "unanswered", "late", "spared"
"""What becomes of a question: a reply; none, or a fault; none in time; not asked: the breaker, or too long a wait."""


class Counts(Protocol):
    """Hears what became of each question."""

    def asked(self, service: str, outcome: str) -> None:
        """One question is over."""


@dataclass(slots=True)
class Breaker:
    """Opens after so many questions in a row without a reply; after a rest one is tried, and a reply closes it."""

    failures: int = 5
    rest_seconds: float = 30.0
    clock: Callable[[], float] = time.monotonic
    _row: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)

    def lets_ask(self) -> bool:
        """Whether a question may be asked now; the one that is let through after a rest begins another rest."""
        if self._row < self.failures:
            return True
        if self.clock() < self._until:
            return False
        self._until = self.clock() + self.rest_seconds
        return True

    def heard(self, *, reply: bool) -> None:
        """What became of a question that was asked."""
        was_open = self._row >= self.failures
        self._row = 0 if reply else self._row + 1
        if self._row == self.failures:
            self._until = self.clock() + self.rest_seconds
            log.warning("asking_rests", after=self.failures, seconds=self.rest_seconds)
        elif reply and was_open:
            log.info("asking_again")


class Asker:
    """Runs `ask` on an event loop of its own, at most `in_flight` at a time; called with a request, gives a future."""

    def __init__(self, service: str, asking: Asking, counts: Counts, breaker: Breaker | None = None) -> None:
        self._service, self._asking, self._counts = service, asking, counts
        self._breaker = breaker or Breaker(asking.failures, asking.rest_seconds)
        self._loop = asyncio.new_event_loop()
        self._open, self._lock = 0, threading.Lock()
        self._slots = asyncio.Semaphore(asking.in_flight)
        self._thread = threading.Thread(target=self._loop.run_forever, name="asking", daemon=True)
        self._thread.start()

    def __call__(self, request: Any) -> "Future[Any]":
        """Begin; the future has the reply, None where there is none, or what `ask` raised."""
        reply = asyncio.run_coroutine_threadsafe(self._answered(request), self._loop)
        with self._lock:
            self._open += 1
        reply.add_done_callback(self._ended)
        return reply

    def _ended(self, _reply: "Future[Any]") -> None:
        with self._lock:
            self._open -= 1

    @property
    def room(self) -> int:
        """Questions that may come now: as many may wait for their turn as may be open."""
        return max(0, 2 * self._asking.in_flight - self._open)

    def close(self) -> None:
        """Give up what is open."""
        asyncio.run_coroutine_threadsafe(_all_cancelled(), self._loop).result()
        if self._asking.close is not None:
            asyncio.run_coroutine_threadsafe(_awaited(self._asking.close), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _answered(self, request: Any) -> Any:
        """Its deadline runs from now; one that has waited half of that for its turn is not asked at all."""
        seconds = self._asking.seconds
        deadline = self._loop.time() + seconds
        try:
            async with asyncio.timeout(seconds / 2):
                await self._slots.acquire()
        except TimeoutError:
            self._counts.asked(self._service, SPARED)
            return None
        try:
            return await self._in_turn(request, deadline)
        finally:
            self._slots.release()

    async def _in_turn(self, request: Any, deadline: float) -> Any:
        if not self._breaker.lets_ask():
            self._counts.asked(self._service, SPARED)
            return None
        reply, outcome = await self._asked(self._asking.ask(request), deadline)
        self._breaker.heard(reply=outcome == ANSWERED)
        self._counts.asked(self._service, outcome)
        return reply

    async def _asked(self, question: Awaitable[Any], deadline: float) -> tuple[Any, str]:
        try:
            async with asyncio.timeout_at(deadline):
                reply = await question
        except TimeoutError:
            return None, LATE
        return reply, ANSWERED if self._asking.works(reply) else UNANSWERED


async def _all_cancelled() -> None:
    mine = asyncio.current_task()
    open_tasks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in open_tasks:
        task.cancel()
    await asyncio.gather(*open_tasks, return_exceptions=True)


async def _awaited(close: Callable[[], Awaitable[None]]) -> None:
    await close()
