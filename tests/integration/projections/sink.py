"""Puts records into the views by the projector's own statements, without Kafka."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import Table

from projections.connections import in_schema
from projections.service import build
from runtime.transform import Record
from runtime.upserts import folded, upsert

VIEWS = build()


class Sink:
    """One connection to one schema."""

    def __init__(self, dsn: str, schema: str) -> None:
        self.database = psycopg.connect(in_schema(dsn, schema), autocommit=True, row_factory=dict_row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    def apply(self, records: Sequence[Record]) -> None:
        """One batch, in one transaction."""
        with self.database.transaction():
            for view in VIEWS:
                rows = [row for one in records if one.topic in view.rows for row in view.rows[one.topic](one)]
                for columns, some in folded(view.table, rows):
                    upsert(self.database, view.table, columns, some)

    def plain(self) -> "psycopg.Connection[Any]":
        """The same connection, with rows as tuples: what the projector's own functions take."""
        self.database.row_factory = tuple_row  # type: ignore[assignment] # one connection, two kinds of rows
        return self.database

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """Everything in a table, in the order of its key."""
        key = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.primary_key)
        self.database.row_factory = dict_row
        query = sql.SQL("SELECT * FROM {} ORDER BY {}").format(sql.Identifier(table.name), key)
        return list(self.database.execute(query))
