"""Rows into a table at once: one JSON document and one statement a set of columns, rows of a key folded into one first.

A document is one text to the driver; of arrays it escapes every item by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from runtime.views import Row, View

Rows = list[dict[str, Any]]
Columns = tuple[str, ...]
Put = Callable[[psycopg.Connection[Any], sa.Table, Columns, Rows], None]
"""Inserts rows, one a key, or sets these columns of the rows that are there."""


def upsert(database: psycopg.Connection[Any], table: sa.Table, columns: Columns, rows: Rows) -> None:
    """Insert the rows, or set these columns of the rows that are there."""
    database.execute(_upsertion(table, columns), (msgspec.json.encode(rows).decode(),))


def write(
    database: psycopg.Connection[Any],
    views: Sequence[View],
    given: Sequence[tuple[View, Row]],
    put: Put = upsert,
) -> dict[str, int]:
    """The rows of a batch into their tables, in the views' order; how many there were by table."""
    counts = {}
    for view in views:
        rows = [row for of, row in given if of is view]
        for columns, found in folded(view.table, rows):
            put(database, view.table, columns, found)
        counts[view.table.name] = len(rows)
    for view in views:
        if view.after is not None:
            view.after(database, view.table, [(of.table, row) for of, row in given])
    return counts


def folded(table: sa.Table, rows: Rows) -> Iterator[tuple[Columns, Rows]]:
    """One row a key by the columns that it sets, of each the last word; in key order against deadlocks."""
    key_of = itemgetter(*keys(table))
    merged: dict[Any, dict[str, Any]] = {}
    for row in rows:
        key = key_of(row)
        merged[key] = {**merged[key], **row} if key in merged else row
    groups: dict[Columns, Rows] = {}
    for key in sorted(merged):
        groups.setdefault(tuple(merged[key]), []).append(merged[key])
    yield from groups.items()


def insertion(table: sa.Table, columns: Columns, source: str) -> str:
    """The statement that inserts the rows of a source, or sets these columns of the rows that are there."""
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys(table))
    then = f"UPDATE SET {sets}" if sets else "NOTHING"
    return (
        f'INSERT INTO "{table.name}" ({listed(columns)}) SELECT {listed(columns)} FROM {source}'  # noqa: S608 - names of our own tables
        f" ON CONFLICT ({listed(keys(table))}) DO {then}"
    )


def document(table: sa.Table, columns: Columns) -> str:
    """A source for statements: the rows of a JSON document that is given as their parameter."""
    given = ", ".join(f'"{name}" {type_of(table, name)}' for name in columns)
    return f"json_to_recordset(%s::json) AS given ({given})"


def keys(table: sa.Table) -> Columns:
    """The columns of its primary key."""
    return tuple(column.name for column in table.primary_key.columns)


def listed(columns: Iterable[str]) -> str:
    """Their names as a statement lists them."""
    return ", ".join(f'"{name}"' for name in columns)


def type_of(table: sa.Table, column: str) -> str:
    """The name of its type in Postgres."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped in the library
    return str(table.columns[column].type.compile(dialect=dialect))


@cache
def _upsertion(table: sa.Table, columns: Columns) -> str:
    return insertion(table, columns, document(table, columns))
