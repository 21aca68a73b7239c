"""What a projection is: a table, and for each topic the rows that a record gives it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa

from runtime.state import BEGINNING
from runtime.transform import Message, Record
from schemas.codec import Undecodable, check, decode, decode_part
from schemas.topics import TOPICS

Row = dict[str, Any]
Given = tuple[sa.Table, Row]
"""A row, and the table of the view that it is for."""


@dataclass(frozen=True, slots=True)
class View:
    """One table, and for each topic the rows that a record gives it; columns left out stay untouched.

    `parts` says what the rows need, where that is not all of every event: by class the fields, in a dataclass that
    names them, or the class itself for all; other events give no rows. A rebuild decodes no more than that.
    `after` is called in the rows' transaction once those of all views are written: with the connection, the view's
    own table, and every row of the batch, or None where the table was made anew.
    """

    table: sa.Table
    rows: dict[str, Callable[[Record], Iterable[Row]]]
    after: Callable[[psycopg.Connection[Any], sa.Table, Sequence[Given] | None], None] | None = None
    parts: Mapping[type, type] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """One message read: its place, and its record, None for one that was set aside."""

    place: tuple[str, int]
    offset: int
    record: Record | None


def record_of(message: Message, parts: Mapping[type, type] | None = None) -> Record:
    """The message decoded; of a topic that has no events of its own, such as dead letters, its value is the message.

    With a view's `parts` its value is what they name, None where that is nothing.
    Raises Undecodable, NewerSchema, and UnicodeDecodeError for a key that is no text.
    """
    place, now = (message.topic, message.partition, message.offset), message.appended or BEGINNING
    if not TOPICS[message.topic].events:
        return Record(*place, "", message, now)
    value = None if message.value is None else _decoded(message.topic, message.value, parts)
    return Record(*place, (message.key or b"").decode(), value, now)


def _decoded(topic: str, data: bytes, parts: Mapping[type, type] | None) -> Any:
    if not parts:
        return decode(topic, data)
    kind = check(topic, data).type
    part = parts.get(kind)
    if part is None:
        return None
    return decode(topic, data) if part is kind else decode_part(topic, data, part)


UNREADABLE = (Undecodable, UnicodeDecodeError)
"""What `record_of` raises for a record that can never be read."""


def rows_of(views: Sequence[View], record: Record) -> list[tuple[View, Row]]:
    """Every row that a record gives any view; of a view whose rows are opened texts raises NotReady without keys."""
    return [
        (view, row) for view in views if record.topic in view.rows for row in view.rows[record.topic](record)
    ]
