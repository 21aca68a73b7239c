"""The views are what the log says up to where they stand (I6): both sides of the comparison, and the comparison."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.rows import dict_row

from infra.invariants.history import History, Projection, Row, Rows, Violation
from projections import dead_letters, erasures
from projections.connections import in_schema
from projections.service import build
from runtime.settings import Settings
from runtime.state import BEGINNING
from runtime.transform import Message, Record
from runtime.views import rows_of
from schemas.topics import TOPICS

GROUP = "projections"
IN_UTC = {"timezone": "UTC", "default_transaction_read_only": "on"}

LETTERS = dead_letters.VIEW.table.name
_STRAYS = """
SELECT lead_id, subject FROM lead_search AS found WHERE NOT EXISTS (
    SELECT FROM interactions AS told
    WHERE told.lead_id = found.lead_id AND told.root_offset = found.root_offset
        AND told.kind IN ('lead', 'lead-patched')
)
"""

Key = tuple[Any, ...]

VIEWS = build()
"""What is a fold of the log without any key; of search, which needs keys, the records are looked for."""
TABLES: dict[str, sa.Table] = {view.table.name: view.table for view in VIEWS}
SOURCES = tuple(dict.fromkeys(topic for view in VIEWS for topic in view.rows))
"""Every topic that a view is made of."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What Postgres held at one moment: the next offset of each (topic, partition), and all rows."""

    positions: dict[tuple[str, int], int]
    rows: Rows
    strays: tuple[tuple[str, str], ...] = ()
    """Lead and subject of what search finds though no record that was applied tells of them."""

    @property
    def gone(self) -> frozenset[str]:
        """Households that were erased as a whole."""
        asked = (row for (table, _key), row in self.rows.items() if table == erasures.VIEW.table.name)
        return frozenset(row["lead_id"] for row in asked if row["subject"] is None and row["destroyed_at"])


def stored(settings: Settings) -> Stored | str:
    """One snapshot of positions and rows, or why there is none."""
    if settings.postgres is None:
        return "ACADEMY_POSTGRES names no database, so no view was looked at"
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name, IN_UTC)
    try:
        with psycopg.connect(dsn, row_factory=dict_row) as database:
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return _snapshot(database)
    except psycopg.errors.UndefinedTable:
        return f"schema {settings.schema_name} has no views yet: run `academy db migrate`"
    except psycopg.OperationalError as away:
        return f"Postgres does not answer ({type(away).__name__}), so no view was looked at"


def _snapshot(database: "psycopg.Connection[Row]") -> Stored:
    asked = "SELECT topic, partition, next_offset FROM positions WHERE projection = %s"
    found = database.execute(asked, (GROUP,)).fetchall()
    positions = {(row["topic"], row["partition"]): row["next_offset"] for row in found}
    rows: Rows = {}
    for name, table in TABLES.items():
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))
        rows |= {(name, _key(table, row)): row for row in database.execute(query)}
    strays = [(row["lead_id"], row["subject"]) for row in database.execute(_STRAYS)]
    return Stored(positions, rows, tuple(strays))


class Fold:
    """The log folded by the views' own functions, record after record, up to the stored positions.

    Of households that `gone` names as erased nothing is left in the views that are purged.
    """

    def __init__(self, positions: Mapping[tuple[str, int], int], gone: Collection[str] = ()) -> None:
        self._positions, self._gone = positions, frozenset(gone)
        self._rows: Rows = {}
        self._later: dict[tuple[str, Key], set[str]] = {}
        self._waiting = 0
        self._kept: dict[tuple[str, int], int] = {}

    def add(self, message: Message, value: Any) -> None:
        """One message in offset order; `value` is None for a tombstone and for what is no event."""
        place = (message.topic, message.partition)
        if not TOPICS[message.topic].events:  # dead letters: their headers are what is told
            value = message
            self._kept.setdefault(place, message.offset)
        key = (message.key or b"").decode("utf-8", "replace")
        record = Record(*place, message.offset, key, value, message.appended or BEGINNING)
        if message.offset < self._positions.get(place, 0):
            for name, of, row in _given(record, self._gone):
                self._rows.setdefault((name, of), {}).update(row)
            return
        self._waiting += 1
        if "compact" in TOPICS[message.topic].config.get("cleanup.policy", ""):
            for name, of, row in _given(record, self._gone):
                self._later.setdefault((name, of), set()).update(row)

    def beside(self, held: Rows) -> Projection:
        """Both sides, once every source was read."""
        forgotten = {place: self._kept.get(place, end) for place, end in self._positions.items()}
        return Projection(held, self._rows, self._later, self._waiting, forgotten)


def _given(record: Record, gone: frozenset[str]) -> Iterator[tuple[str, Key, Row]]:
    for view, row in rows_of(VIEWS, record):
        if record.key not in gone or erasures.outlives(view, record):
            yield view.table.name, _key(view.table, row), row


def _key(table: sa.Table, row: Row) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)


def projected(history: History) -> list[Violation]:
    """I6: the views are the fold of the log up to the positions that they keep."""
    found = history.projection
    if isinstance(found, str):
        return []
    wrong = [
        (name, key, what)
        for name, key in sorted(found.held.keys() | found.folded.keys(), key=repr)
        for what in _wrong(found, name, key)
    ]
    wrong += [("lead_search", key, "no record that was applied gives this row") for key in found.strays]
    return [
        Violation("I6", f"view {name}", -1, -1, "|".join(map(str, key)), what) for name, key, what in wrong
    ]


def unprojected(history: History) -> str:
    """Why I6 cannot be told."""
    return history.projection if isinstance(history.projection, str) else ""


def _wrong(found: Projection, name: str, key: Key) -> Iterator[str]:
    if name == LETTERS and _forgotten(found, key):
        return
    held, folded = found.held.get((name, key)), found.folded.get((name, key))
    later = found.later.get((name, key), set())
    if held is None or folded is None:
        if not later:
            yield "the row is missing" if held is None else "no record of the log gives this row"
        return
    for column in TABLES[name].columns:
        by_postgres = column.name not in folded and column.server_default is not None
        done_since = name == erasures.VIEW.table.name and column.name in erasures.CARRIED_OUT
        if column.name not in later and not by_postgres and not done_since:
            one, other = _plain(held.get(column.name)), _plain(folded.get(column.name))
            if one != other:
                yield f"{column.name} is not what the log says"


def _forgotten(found: Projection, key: Key) -> bool:
    """Whether the log has let go of a letter, which its view keeps."""
    group, partition, offset = key
    return bool(offset < found.forgotten.get((f"{group}.dead", partition), 0))


def _plain(value: Any) -> Any:
    """A value as JSON has it: the same for a row that was stored and for one that was not."""
    return msgspec.json.decode(msgspec.json.encode(value))
