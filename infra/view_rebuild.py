"""One view made anew from the log beside the old one, while reads and the projection go on, and put in its place."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from infra.beside import Beside, await_readers
from infra.offsets import IN_POSTGRES
from infra.replayed import Replayed
from projections import erasures
from projections.connections import in_schema
from runtime import bulk
from runtime.errors import NotReady, RuntimeFault
from runtime.faults import passing
from runtime.positions import Place
from runtime.settings import Settings
from runtime.transform import Message
from runtime.upserts import write
from runtime.views import UNREADABLE, View, record_of, rows_of

CHUNK = 2_000
"""Messages of one SQL transaction."""
NEARLY = 2_000
"""Messages that the projection waits for at the most while tables are swapped, unless it is faster than we are."""
ROUNDS = 20
"""Of catching up before the projection is made to wait whatever is left."""

Said = Callable[[int, int], None]
"""Hears how many messages of how many are passed."""


class UnknownView(RuntimeFault):
    """There is no view of this name."""


class Rebuilding(RuntimeFault):
    """Another process rebuilds a view of this schema."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it; rows are those that the records gave, several for one key where it changed.

    `waited_s` is how long the projection had to wait, `leftover` whether an earlier rebuild had been ended.
    """

    view: str
    messages: int
    rows: int
    seconds: float
    rows_s: float
    waited_s: float
    leftover: bool


def named(views: Sequence[View], name: str) -> View:
    """The view; raises UnknownView."""
    made = [
        view for view in views if view is not erasures.VIEW
    ]  # what was done about them stands in no record
    found = next((view for view in made if view.table.name == name), None)
    if found is None:
        known = ", ".join(view.table.name for view in made)
        raise UnknownView(f"there is no view {name}; there are {known}")
    return found


def rebuild(settings: Settings, view: View, said: Said) -> Rebuilt:
    """Make it anew; whatever ends this before its end leaves the old one as it is.

    Raises Rebuilding, and NotReady where the log stands still or the table is never free.
    """
    if settings.postgres is None:
        raise NotReady("ACADEMY_POSTGRES is not set: name a database, or use `academy run`")
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with (
        psycopg.connect(dsn, autocommit=True) as holder,
        psycopg.connect(dsn, autocommit=True) as writer,
        closing(Replayed(settings, view.rows)) as log,
        _uncollected(),
    ):
        _claim(holder, settings)
        return _Rebuild(view, holder, writer, log).run(said)


class _Rebuild:
    """`writer` fills the copy; `holder` keeps the projection waiting while it takes the table's place."""

    def __init__(self, view: View, holder: Any, writer: Any, log: Replayed) -> None:
        self._beside = Beside(view.table.name)
        self._copy = replace(view, table=self._beside.of(view.table))
        self._holder: psycopg.Connection[Any] = holder
        self._writer: psycopg.Connection[Any] = writer
        self._log = log
        self._messages = self._rows = 0

    def run(self, said: Said) -> Rebuilt:
        begun = time.monotonic()
        leftover = self._beside.drop(self._writer)
        self._beside.create(self._writer)
        try:
            self._writer.execute("SET synchronous_commit TO off")
            self._catch_up(said)
            rows_s = self._rows / (time.monotonic() - begun)
            self._settle()
            self._beside.index(self._writer)
            self._catch_up(said)
            waited_s = self._swap(said)
        except BaseException:  # a Ctrl-C, too, leaves no half table; raised again
            with suppress(psycopg.Error):
                self._beside.drop(self._writer)
            raise
        seconds, name = time.monotonic() - begun, self._beside.name
        return Rebuilt(name, self._messages, self._rows, seconds, rows_s, waited_s, leftover=leftover)

    def _catch_up(self, said: Said) -> None:
        """As near to the projection as one gets while it goes on."""
        for _round in range(ROUNDS):
            ends = self._positions()
            if self._log.lacks(ends) == 0:
                return
            small = self._log.lacks(ends) < NEARLY
            self._load(ends, said)
            if small:
                return

    def _swap(self, said: Said) -> float:
        """With the projection waiting: the last rows, then a moment without any read.

        The rows are committed before the tables are swapped, and who reads on an older snapshot is waited for: a
        table that is put in another one's place shows itself to every snapshot, but not its rows.
        """
        with self._holder.transaction():
            self._holder.execute("LOCK TABLE positions IN SHARE ROW EXCLUSIVE MODE")
            begun = time.monotonic()
            self._load(self._positions(), said)
            self._settle()
            row = self._writer.execute("SELECT clock_timestamp()").fetchone()
            own = [each.info.backend_pid for each in (self._holder, self._writer)]
            await_readers(self._writer, own, row and row[0])
            self._beside.lock(self._holder)
            self._beside.swap(self._holder)
            passing("sql.before")
        return time.monotonic() - begun

    def _load(self, ends: Mapping[Place, int], said: Said) -> None:
        """While Postgres writes some messages the next ones are read and decoded."""
        total, written = sum(ends.values()), Future[None]()
        written.set_result(None)
        with ThreadPoolExecutor(1) as beside:
            for messages in self._log.until(ends, CHUNK):
                given = [one for each in messages for one in self._given(each)]
                written.result()
                written = beside.submit(self._write, given)
                self._messages += len(messages)
                self._rows += len(given)
                said(total - self._log.lacks(ends), total)
            written.result()
        said(total, total)

    def _write(self, given: Sequence[tuple[View, dict[str, Any]]]) -> None:
        with self._writer.transaction():
            write(self._writer, [self._copy], given, bulk.put)

    def _given(self, message: Message) -> list[tuple[View, dict[str, Any]]]:
        """What cannot be read was set aside when the projection met it."""
        try:
            return rows_of([self._copy], record_of(message, self._copy.parts))
        except UNREADABLE:
            return []

    def _settle(self) -> None:
        if self._copy.after is not None:
            self._copy.after(self._writer, self._copy.table, None)
        erasures.scrub(self._writer, self._copy.table.name, self._beside.name)

    def _positions(self) -> dict[Place, int]:
        found = self._writer.execute(
            "SELECT topic, partition, next_offset FROM positions WHERE projection = %s AND topic = ANY(%s)",
            (IN_POSTGRES, [*self._copy.rows]),
        )
        return {(topic, partition): offset for topic, partition, offset in found}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rows make no cycles: the collector would only walk those that wait to be written, again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _claim(holder: psycopg.Connection[Any], settings: Settings) -> None:
    """For as long as the session lasts."""
    lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    if holder.execute(lock, [f"rebuild {settings.schema_name}"]).fetchone() != (True,):
        raise Rebuilding(
            f"another process rebuilds a view of schema {settings.schema_name}: wait until it has ended"
        )
