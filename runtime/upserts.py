"""Rows into a table at once: one JSON document and one statement a set of columns, later rows of a key folded in first.

A document is one text to the driver; of arrays it escapes every item by itself.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from runtime.views import Row, View

Rows = list[dict[str, Any]]


def write(
    database: psycopg.Connection[Any], views: Sequence[View], given: Sequence[tuple[View, Row]]
) -> dict[str, int]:
    """The rows of a batch into their tables, in the views' order; how many there were by table."""
    counts = {}
    for view in views:
        rows = [row for of, row in given if of is view]
        for columns, found in folded(view.table, rows):
            upsert(database, view.table, columns, found)
        counts[view.table.name] = len(rows)
    for view in views:
        if view.after is not None:
            view.after(database, view.table, [(of.table, row) for of, row in given])
    return counts


def folded(table: sa.Table, rows: Rows) -> Iterator[tuple[tuple[str, ...], Rows]]:
    """The rows by the columns that they set; of one key the last word stands, in key order against deadlocks."""
    keys = _keys(table)
    groups: dict[tuple[str, ...], dict[tuple[Any, ...], dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row)), {})[tuple(row[key] for key in keys)] = row
    for columns, found in groups.items():
        yield columns, [found[key] for key in sorted(found)]


def upsert(database: psycopg.Connection[Any], table: sa.Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Insert the rows, or set these columns of the rows that are there."""
    database.execute(_statement(table, columns), (msgspec.json.encode(rows).decode(),))


@cache
def _statement(table: sa.Table, columns: tuple[str, ...]) -> str:
    keys = _keys(table)
    names = ", ".join(f'"{name}"' for name in columns)
    given = ", ".join(f'"{name}" {_type(table, name)}' for name in columns)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    target = ", ".join(f'"{key}"' for key in keys)
    then = f"UPDATE SET {sets}" if sets else "NOTHING"
    return (
        f'INSERT INTO "{table.name}" ({names})'  # noqa: S608 - names of our own tables
        f" SELECT {names} FROM json_to_recordset(%s::json) AS given ({given})"
        f" ON CONFLICT ({target}) DO {then}"
    )


def _keys(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def _type(table: sa.Table, name: str) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped in the library
    return str(table.columns[name].type.compile(dialect=dialect))
