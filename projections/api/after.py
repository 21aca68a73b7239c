"""Read your writes: a reader names the place that a 202 told, and waits until the views show what came of it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header
from sqlalchemy import Engine

from projections.api.applied import applied
from projections.api.places import Place
from projections.api.reading import reading
from runtime.problems import Problem, unavailable

WAIT_S = 5.0
"""A reader waits at most so long; an answer is usually visible after a fifth of a second."""
PAUSE_S = 0.025
"""Between two questions to Postgres: as often as a batch of the projection ends."""
_PLACE = r"^(?:[a-z][a-z0-9]*-)*interactions/([0-9]{1,9})/([0-9]{1,18})$"

After = Annotated[
    str | None,
    Header(
        alias="Academy-After",
        pattern=_PLACE,
        description="`interactions/<partition>/<offset>` of a 202: answer once the views have applied it, or 503",
        examples=["interactions/3/1042"],
    ),
]


def seen(engine: Engine) -> Callable[[After], Awaitable[None]]:
    """A dependency that lets a request on once what its header names is visible.

    It raises the problem 503 `not-yet-visible` after `WAIT_S`, and 503 `unavailable` while Postgres is away.
    """
    waiters = Waiters(engine)

    async def wait(after: After = None) -> None:
        if after is not None and (found := re.match(_PLACE, after)):
            await waiters.wait((int(found[1]), int(found[2])))

    return wait


class Waiters:
    """All that wait in this process share one question to Postgres at a time; used on one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[asyncio.Future[None], Place] = {}
        self._asking: asyncio.Task[None] | None = None

    async def wait(self, place: Place) -> None:
        """Come back when the views have applied the place; raises the 503 problems."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting[waiter] = place
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(self._ask())
        try:
            async with asyncio.timeout(WAIT_S):
                await waiter
        except TimeoutError:
            raise unavailable(
                "The views have not applied that event yet; the same request may be sent again.",
                type="not-yet-visible",
            ) from None
        finally:
            del self._waiting[waiter]

    async def _ask(self) -> None:
        while self._waiting:
            asked = set(self._waiting.values())
            try:
                found = await asyncio.to_thread(self._applied, asked)
            except Problem as away:
                self._end(asked, away)
            else:
                self._end(found, None)
            await asyncio.sleep(PAUSE_S)

    def _end(self, places: set[Place], problem: Problem | None) -> None:
        for waiter, place in self._waiting.items():
            if place in places and not waiter.done():
                waiter.set_exception(problem) if problem else waiter.set_result(None)

    def _applied(self, places: set[Place]) -> set[Place]:
        with reading(self._engine) as connection:
            return applied(connection, places)
