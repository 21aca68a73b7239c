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

    async def run(self, work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """What the work gives, or raises; the problem 503 where no thread became free in time."""
        waiting = self._threads.submit(copy_context().run, partial(work, *given, **named))
        late = asyncio.get_running_loop().call_later(TURN_S, waiting.cancel)  # nothing once it has begun
        try:
            return await asyncio.wrap_future(waiting)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # it is the caller who gives up
            raise unavailable("Postgres is away or overloaded; the same request may be sent again.") from None
        finally:
            late.cancel()
