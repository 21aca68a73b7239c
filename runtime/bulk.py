"""Many rows into a table at once, by COPY: twice as fast as a JSON document where the rows are large."""

from functools import cache
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg.types.json import set_json_dumps

from runtime.upserts import Columns, Rows, document, insertion, keys, listed, type_of

BESIDE = "given__rows"
"""The temporary table of rows whose keys may be there."""
_COPY = 'COPY "{}" ({}) FROM STDIN (FORMAT BINARY)'


def put(database: psycopg.Connection[Any], table: sa.Table, columns: Columns, rows: Rows) -> None:
    """Insert the rows, one a key, or set these columns of the rows that are there.

    In the caller's transaction, and only where nobody else writes to the table: it is looked first whether any of
    the keys is there, and where none is the rows go straight in.
    """
    named = keys(table)
    found = [{key: row[key] for key in named} for row in rows]
    if database.execute(_look(table), (msgspec.json.encode(found).decode(),)).fetchone() == (False,):
        copy(database, table, columns, rows)
        return
    database.execute(
        f'CREATE TEMP TABLE {BESIDE} ON COMMIT DROP AS SELECT {listed(columns)} FROM "{table.name}" WITH NO DATA'  # noqa: S608 - names of our own tables
    )
    copy(database, table, columns, rows, BESIDE)
    database.execute(insertion(table, columns, BESIDE))
    database.execute(f"DROP TABLE {BESIDE}")


def copy(
    database: psycopg.Connection[Any], table: sa.Table, columns: Columns, rows: Rows, into: str | None = None
) -> None:
    """Insert rows whose keys are new to the table, or into another table rows of its columns."""
    with database.cursor() as cursor:
        set_json_dumps(msgspec.json.encode, cursor)
        with cursor.copy(_COPY.format(into or table.name, listed(columns))) as sent:
            sent.set_types(_types(table, columns))
            for row in rows:
                sent.write_row([*row.values()])


@cache
def _look(table: sa.Table) -> str:
    return (
        f'SELECT EXISTS (SELECT FROM "{table.name}" JOIN {document(table, keys(table))}'  # noqa: S608 - names of our own tables
        f" USING ({listed(keys(table))}))"
    )


@cache
def _types(table: sa.Table, columns: Columns) -> list[str]:
    return [type_of(table, name).lower() for name in columns]
