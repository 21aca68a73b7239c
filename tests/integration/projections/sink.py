"""Puts records into the views by the projector's own statements, without Kafka."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import Table

from projections.connections import in_schema
from runtime.transform import Record
from runtime.upserts import Put, upsert, write
from runtime.views import View, rows_of


class Sink:
    """One connection to one schema."""

    def __init__(self, dsn: str, schema: str, views: Sequence[View]) -> None:
        self._views = views
        self.database = psycopg.connect(in_schema(dsn, schema), autocommit=True, row_factory=dict_row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    def apply(self, records: Sequence[Record], put: Put = upsert) -> None:
        """One batch, in one transaction."""
        given = [row for one in records for row in rows_of(self._views, one)]
        with self.database.transaction():
            write(self.plain(), self._views, given, put)
        self.database.row_factory = dict_row

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
