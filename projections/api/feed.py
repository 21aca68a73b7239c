"""The one reader of changes in a process: woken by Postgres, it looks into the views and tells all who listen.

It reads the views and not the topics, so that nobody hears of a change before a read shows it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import Connection, Engine, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from projections.api import change_queries
from projections.api.change_queries import Most
from projections.api.changes import Beat, Changes, Item, Mark, Vector
from projections.api.following import EPOCH, Follower, micros
from projections.api.reading import reading
from runtime.problems import Problem, unavailable

log = structlog.get_logger()

BEAT_S = 15.0
"""Many proxies cut a connection that is silent for half a minute."""
PAUSE_S = 0.05
"""Between two looks: what a busy second changes is told in twenty parts at most."""
HELD_S = 0.5
"""Until the next look while a state waits for its answer, should nobody say that it came."""
AT_ONCE = 2_000
"""Changes of one look; the next follows at once."""
RESUMED = 10_000
"""Changes that one who comes back is told; who missed more reads everything anew."""
LOOK_BACK = 500
"""Offsets before the end of each partition where the first look seeks a state without its answer."""
AWAY_S = 1.0
"""Pause between two tries while Postgres is away."""
STARTED_S = 4.0
"""Who comes first waits so long for the first look."""


AHEAD = timedelta(days=1)
"""By so much the clock of whoever erases may be before ours."""
Rows = Sequence[RowMapping]


class Feed:
    """Runs while anybody listens; used on one event loop."""

    def __init__(self, engine: Engine, dsn: str, schema: str) -> None:
        self._engine, self._dsn, self._schema = engine, dsn, schema
        self._listeners = 0
        self._running: asyncio.Task[None] | None = None
        self._begin()

    @property
    def mark(self) -> Mark:
        """How far all who listen have been told."""
        return self._follower.mark

    async def join(self) -> None:
        """Begin to listen, to be ended by `leave`; raises the 503 problem where changes cannot be followed."""
        self._listeners += 1
        if self._running is None:
            self._begin()
            self._running = asyncio.create_task(self._run())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(STARTED_S):
                    await self._tried.wait()
        except asyncio.CancelledError:
            self.leave()
            raise
        if not self._looked:
            self.leave()
            raise unavailable("Postgres is away or has no views yet; come again in a moment.")

    def leave(self) -> None:
        """The last one who leaves ends the reader."""
        self._listeners -= 1
        if not self._listeners and self._running is not None:
            self._running.cancel()
            self._running = None

    async def missed(self, since: Mark, lead_ids: Sequence[str]) -> list[Item] | None:
        """What changed from `since` to the present mark; None where that is too much, or cannot be said."""
        until, (here, end) = self.mark, (since.vector, self.mark.vector)
        if len(here) != len(end) or any(one > other for one, other in zip(here, end, strict=True)):
            return None
        if since == until:
            return []
        async with self._resuming:
            rows, gone = await asyncio.to_thread(self._missed, since, until, lead_ids)
        if len(rows) + len(gone) > RESUMED:
            return None
        follower = Follower(here, since.erased)
        return [*map(follower.change, rows), *map(follower.erasure, gone)]

    def _begin(self) -> None:
        self.changes, self._follower = Changes(), Follower()
        self._looked, self._tried = False, asyncio.Event()
        self._resuming = asyncio.Semaphore(2)  # of the few connections that readers share

    def _missed(self, since: Mark, until: Mark, lead_ids: Sequence[str]) -> tuple[Rows, Rows]:
        with reading(self._engine) as connection:
            most = Most(RESUMED + 1, RESUMED + 1)
            changed = change_queries.behind(connection, since.vector, until.vector, most, lead_ids)
            return changed, _erased(connection, since.erased, until.erased, RESUMED + 1)

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except (psycopg.Error, SQLAlchemyError, Problem) as away:
                log.warning("changes_not_followed", error=type(away).__name__)
                self._tried.set()
                await asyncio.sleep(AWAY_S)

    async def _follow(self) -> None:
        """Listen first, then look: what is said between the two is heard after."""
        clock = asyncio.get_running_loop().time
        connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=3)
        async with connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._schema)))
            beat_at = clock() + BEAT_S
            while True:
                while await self._look(clock()):
                    pass
                if clock() >= beat_at:
                    self.changes.add([Beat(self.mark.spelt())])
                    beat_at = clock() + BEAT_S
                await asyncio.sleep(PAUSE_S)
                wait = HELD_S if self._follower.held else max(beat_at - clock(), 0.0)
                async for _ in connection.notifies(timeout=wait, stop_after=1):
                    pass

    async def _look(self, now: float) -> bool:
        """Tell what changed since the last look; whether there is more."""
        first = not self._looked
        rows, until, of_each, gone = await asyncio.to_thread(self._changed, first)
        if not until:
            raise unavailable("The views have no positions: the projections have not begun yet.")
        found, more = self._follower.take(rows, until, of_each, now)
        erased = list(map(self._follower.erasure, gone))
        if not first:
            self.changes.add([*found, *erased])
        self._looked = True
        self._tried.set()
        return more or len(gone) == AT_ONCE

    def _changed(self, first: bool) -> tuple[Rows, Vector, int, Rows]:  # noqa: FBT001 - said by name above
        with reading(self._engine) as connection:
            until = change_queries.reached(connection)
            of_each = LOOK_BACK + 1 if first else max(AT_ONCE // max(len(until), 1), 20)
            known = self.mark.vector or tuple(max(0, end - LOOK_BACK) for end in until)
            since = (*known, *[0] * (len(until) - len(known)))
            most = Most(of_each, of_each * len(until))
            rows = change_queries.behind(connection, since, until, most)
            if first:
                self._follower.erased = micros(change_queries.last_erased(connection) or EPOCH)
            return rows, until, of_each, _erased(connection, self._follower.erased, None, AT_ONCE)


def _erased(connection: Connection, after: int, until: int | None, most: int) -> Rows:
    """Erasures behind one microsecond, up to another or up to now."""
    begin = EPOCH + timedelta(microseconds=after)
    end = datetime.now(UTC) + AHEAD if until is None else EPOCH + timedelta(microseconds=until)
    return change_queries.erased(connection, begin, end, most)
