"""Threads for what asks Postgres, one for each connection to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from runtime.problems import unavailable

TURN_S = 2.0
"""Who gets no thread in this time is told to come again."""
T = TypeVar("T")
P = ParamSpec("P")


class Workers:
    """Whoever finds none free waits on the loop: more threads than connections would only push one another aside."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reads")
        self._free = asyncio.Semaphore(count)

    async def run(self, work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """What the work gives, or raises; the problem 503 where no thread became free in time."""
        try:
            async with asyncio.timeout(TURN_S):
                await self._free.acquire()
        except TimeoutError:
            raise unavailable("Postgres is away or overloaded; the same request may be sent again.") from None
        try:
            own = partial(copy_context().run, work, *given, **named)
            return await asyncio.get_running_loop().run_in_executor(self._threads, own)
        finally:
            self._free.release()
