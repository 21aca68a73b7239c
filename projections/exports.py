"""Whole views as CSV or Parquet, streamed from one snapshot; sealed texts leave as the sealed bytes that they are."""

import io
import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import JSONB

from projections.connections import in_schema
from projections.service import build

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["csv", "parquet"]
Row = tuple[Any, ...]
Pieces = Generator[bytes, None, None]
PIECE = 64 * 1024
"""Bytes handed on at once."""
FETCHED = 2_000
"""Rows that one fetch brings, about 10 MB of decisions."""
GROUP_ROWS, GROUP_BYTES = 50_000, 16 * 1024 * 1024
"""A row group of Parquet ends with either: it is what memory holds."""
_POSITIONS = (
    "SELECT topic, partition, max(next_offset) FROM positions WHERE topic = ANY(%s)"
    " GROUP BY topic, partition ORDER BY topic, partition"
)


def exportable() -> dict[str, tuple[sa.Table, frozenset[str]]]:
    """Every view by name, with the topics that it is made of."""
    found: dict[str, tuple[sa.Table, frozenset[str]]] = {}
    for view in build():
        _, before = found.get(view.table.name, (view.table, frozenset[str]()))
        found[view.table.name] = (view.table, before | set(view.rows))
    return found


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds: a view, and of each topic behind it the offset that comes next in each partition."""

    view: str
    taken_at: datetime
    positions: dict[str, list[int]]

    @property
    def said(self) -> str:
        """The positions as JSON on one line."""
        return json.dumps(self.positions, separators=(",", ":"))


class Export:
    """One view in one read-only snapshot, over a connection of its own that it holds until it is closed.

    Raises psycopg's OperationalError where that cannot be had. A statement, and a pause between two, end after
    `seconds`, so that a reader who went to sleep does not hold the snapshot.
    """

    def __init__(self, dsn: str, schema: str, view: str, seconds: float) -> None:
        table, topics = exportable()[view]
        limit = str(round(seconds * 1000))
        options = {
            "default_transaction_read_only": "on",
            "default_transaction_isolation": "repeatable read",
            "statement_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
            "timezone": "UTC",
        }
        self._table = table
        self._connection = psycopg.connect(in_schema(dsn, schema, options))
        self._parts: Pieces | None = None
        try:
            rows = self._connection.execute(_POSITIONS, [sorted(topics)]).fetchall()
        except psycopg.Error:
            self.close()
            raise
        self.manifest = Manifest(view, datetime.now(UTC), _vectors(rows))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parts(self, form: Format) -> Pieces:
        """The file, piece by piece; no more than a row group of it is in memory."""
        self._parts = _pieces(self._csv()) if form == "csv" else self._parquet()
        return self._parts

    def close(self) -> None:
        """End the snapshot, wherever the reader is."""
        if self._parts is not None:
            self._parts.close()
        self._connection.close()

    def _csv(self) -> Pieces:
        wanted = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, HEADER)").format(
            sql.SQL(", ").join(sql.Identifier(column.name) for column in self._table.columns),
            sql.Identifier(self._table.name),
        )
        with self._connection.cursor() as cursor, cursor.copy(wanted) as copy:
            for line in copy:
                yield bytes(line)

    def _parquet(self) -> Pieces:
        import pyarrow as pa  # only a process that exports pays its 50 MB
        from pyarrow import parquet

        schema, sink = self._schema(), _Sink()
        with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
            for batches in _grouped(self._batches(schema)):
                writer.write_table(pa.Table.from_batches(batches, schema), row_group_size=GROUP_ROWS)
                yield sink.taken()
        yield sink.taken()

    def _schema(self) -> "pa.Schema":
        import pyarrow as pa

        said = {
            "academy.view": self.manifest.view,
            "academy.taken_at": self.manifest.taken_at.isoformat(),
            "academy.positions": self.manifest.said,
        }
        fields = [
            pa.field(column.name, _arrow(column.type), nullable=bool(column.nullable))
            for column in self._table.columns
        ]
        return pa.schema(fields, metadata=said)

    def _batches(self, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        columns = [
            sql.SQL("{}::text" if isinstance(column.type, JSONB) else "{}").format(
                sql.Identifier(column.name)
            )
            for column in self._table.columns
        ]
        wanted = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(columns), sql.Identifier(self._table.name)
        )
        with self._connection.cursor(name="export") as cursor:
            cursor.execute(wanted)
            while rows := cursor.fetchmany(FETCHED):
                arrays = [
                    pa.array(values, one.type)
                    for values, one in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Sink(io.RawIOBase):
    """Keeps what a writer wrote until it is taken."""

    def __init__(self) -> None:
        self._written, self._size = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        found = bytes(self._written)
        self._written.clear()
        return found


def _vectors(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for topic, partition, offset in rows:
        known = found.setdefault(topic, [])
        known += [0] * (partition + 1 - len(known))
        known[partition] = offset
    return found


def _pieces(lines: Pieces) -> Pieces:
    held = bytearray()
    with closing(lines):
        for line in lines:
            held += line
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
    yield bytes(held)


def _grouped(batches: "Iterator[pa.RecordBatch]") -> "Iterator[list[pa.RecordBatch]]":
    held, rows, size = list["pa.RecordBatch"](), 0, 0
    for batch in batches:
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield held
            held, rows, size = [], 0, 0
    if held:
        yield held


def _arrow(kind: Any) -> "pa.DataType":
    """A time in microseconds, as everywhere; a document as the text that it is."""
    import pyarrow as pa

    known = {
        sa.Boolean: pa.bool_(),
        sa.Integer: pa.int32(),
        sa.BigInteger: pa.int64(),
        sa.Double: pa.float64(),
        sa.DateTime: pa.timestamp("us", "UTC"),
        sa.Date: pa.date32(),
        sa.LargeBinary: pa.binary(),
        sa.Text: pa.string(),
        JSONB: pa.string(),
    }
    return known[type(kind)]
