"""What a projection is: a table, and for each topic the rows that a record gives it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from runtime.transform import Record


@dataclass(frozen=True, slots=True)
class View:
    """One table, and for each topic the rows that a record gives it; columns left out stay untouched."""

    table: sa.Table
    rows: dict[str, Callable[[Record], Iterable[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Read:
    """One message read: its place, the rows that it gives each view, and the record, unless it was set aside."""

    place: tuple[str, int]
    offset: int
    rows: list[tuple[View, dict[str, Any]]]
    record: Record | None = None


def rows_of(views: Sequence[View], record: Record) -> list[tuple[View, dict[str, Any]]]:
    """Every row that a record gives any view."""
    return [
        (view, row) for view in views if record.topic in view.rows for row in view.rows[record.topic](record)
    ]
