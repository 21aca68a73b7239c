"""The statement behind a timeline: three views in the order of the log."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    cast,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from projections.tables import decisions, interactions, transitions

_TOLD = ("partition", "event_id", "occurred_at", "extraction", "repeats", "conversation")


def _no(column: str) -> ColumnElement[Any]:
    """A null in the place of a column that only told events have."""
    return cast(null(), interactions.c[column].type)


_ITEMS = (
    select(
        interactions.c.lead_id,
        interactions.c.root_offset,
        literal(0).label("rank"),
        literal(0, BigInteger).label("number"),
        interactions.c.recorded_at.label("at"),
        interactions.c.kind,
        interactions.c.recorded.label("recorded"),
        *(interactions.c[name] for name in _TOLD),
    ),
    select(
        transitions.c.lead_id,
        cast(transitions.c.record["root_offset"].astext, BigInteger),
        literal(1),
        transitions.c.version,
        transitions.c.recorded_at,
        literal("transition"),
        transitions.c.record,
        *map(_no, _TOLD),
    ),
    select(
        decisions.c.lead_id,
        decisions.c.root_offset,
        literal(2),
        decisions.c.sequence,
        decisions.c.decided_at,
        literal("decision"),
        decisions.c.record,
        *map(_no, _TOLD),
    ),
)
"""What a timeline is made of, in the order in which one root record brings it about."""


def timeline(
    connection: Connection, lead_id: str, before: tuple[int, int, int] | None, limit: int
) -> Sequence[RowMapping]:
    """What happened with a lead and what came of it, newest first.

    Its order is that of the log: by root offset, and of one root the event, its transitions, its answers.
    `before` is the (root_offset, rank, number) that the last page ended with.
    """
    items = union_all(*(one.where(one.selected_columns.lead_id == lead_id) for one in _ITEMS)).subquery()
    order = (items.c.root_offset, items.c.rank, items.c.number)
    chosen = select(items).order_by(*(part.desc() for part in order)).limit(limit)
    if before is not None:
        chosen = chosen.where(tuple_(*order) < tuple_(*before))
    return connection.execute(chosen).mappings().all()
