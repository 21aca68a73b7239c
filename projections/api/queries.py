"""Every statement about leads, events and decisions, by name; each runs in the caller's one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from domain.vocabulary import Status, Verdict
from projections.tables import (
    NEVER,
    decisions,
    interactions,
    leads,
    positions,
    transitions,
)

Sort = Literal["updated", "decided"]
_ORDER = {"updated": leads.c.updated_at, "decided": leads.c.decided_at}
_LEAD = (
    *(column for column in leads.c if column.name not in ("updated_at", "decided_at")),
    *(func.nullif(time, NEVER).label(time.name) for time in _ORDER.values()),
    interactions.c.recorded,
)
_RECORD = leads.outerjoin(
    interactions,
    (interactions.c.partition == leads.c.partition) & (interactions.c.root_offset == leads.c.record_offset),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which leads a list shows; None shows all."""

    status: str | None = None
    bucket: str | None = None
    action: str | None = None
    due: datetime | None = None


def _matches(filters: Filters, *, any_status: bool = False) -> list[ColumnElement[bool]]:
    wanted = [(leads.c.bucket, filters.bucket), (leads.c.action, filters.action)]
    if not any_status:
        wanted.append((leads.c.status, filters.status))
    matches = [column == value for column, value in wanted if value is not None]
    return matches if filters.due is None else [*matches, leads.c.due < filters.due]


def probe(connection: Connection) -> None:
    """Raise unless the database answers and has the tables."""
    connection.execute(select(positions.c.projection).limit(1))


def page(
    connection: Connection, filters: Filters, sort: Sort, after: tuple[datetime, str] | None, limit: int
) -> Sequence[RowMapping]:
    """Leads with their records, latest first; `after` is the (time, lead id) that the last page ended with."""
    order = _ORDER[sort]
    chosen = select(*_LEAD, order.label("place")).select_from(_RECORD)
    chosen = chosen.where(*_matches(filters)).order_by(order.desc(), leads.c.lead_id.desc()).limit(limit)
    if after is not None:
        time, lead_id = after
        chosen = chosen.where(tuple_(order, leads.c.lead_id) < tuple_(literal(time, order.type), lead_id))
    return connection.execute(chosen).mappings().all()


def counts(connection: Connection, filters: Filters) -> dict[Status, int]:
    """How many leads each status has, under every filter but the status."""
    chosen = select(leads.c.status, func.count()).where(*_matches(filters, any_status=True))
    rows = connection.execute(chosen.where(leads.c.status.is_not(None)).group_by(leads.c.status))
    return {Status(status): number for status, number in rows}


def lead(connection: Connection, lead_id: str) -> RowMapping | None:
    """One lead with its record; its times are null where nothing was answered yet."""
    chosen = select(*_LEAD).select_from(_RECORD)
    return connection.execute(chosen.where(leads.c.lead_id == lead_id)).mappings().one_or_none()


def interaction(connection: Connection, event_id: str) -> Sequence[RowMapping]:
    """Every root record with this id: the first that is no repeat, then the repeats."""
    chosen = select(interactions).where(interactions.c.event_id == event_id)
    order = (interactions.c.repeats.is_not(None), interactions.c.recorded_at, interactions.c.root_offset)
    return connection.execute(chosen.order_by(*order).limit(100)).mappings().all()


def answer(connection: Connection, root: RowMapping) -> RowMapping | None:
    """The answer to one root record."""
    chosen = select(decisions).where(
        decisions.c.partition == root["partition"],
        decisions.c.root_offset == root["root_offset"],
        decisions.c.cause_event_id == root["event_id"],
    )
    return connection.execute(chosen.limit(1)).mappings().one_or_none()


def transitions_of(connection: Connection, lead_id: str, event_id: str) -> Sequence[RowMapping]:
    """What one event closed and taught, in the order of the log."""
    chosen = select(transitions).where(
        transitions.c.cause_event_id == event_id, transitions.c.lead_id == lead_id
    )
    return connection.execute(chosen.order_by(transitions.c.version)).mappings().all()


def decision(connection: Connection, decision_id: str) -> RowMapping | None:
    """One answer by its id."""
    chosen = select(decisions).where(decisions.c.decision_id == decision_id)
    return connection.execute(chosen).mappings().one_or_none()


def history(connection: Connection, lead_id: str, before: int | None, limit: int) -> Sequence[RowMapping]:
    """A lead's decisions, verdicts left out, newest first; `before` is a sequence."""
    chosen = select(decisions).where(
        decisions.c.lead_id == lead_id, decisions.c.verdict == Verdict.DECISION.value
    )
    if before is not None:
        chosen = chosen.where(decisions.c.sequence < before)
    return connection.execute(chosen.order_by(decisions.c.sequence.desc()).limit(limit)).mappings().all()


_TOLD = ("partition", "event_id", "occurred_at", "extraction", "repeats")


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
