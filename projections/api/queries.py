"""Every statement of the API, by name; each runs in the caller's transaction, which is one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal, select, tuple_

from domain.vocabulary import Status, Verdict
from projections.tables import (
    NEVER,
    decisions,
    interactions,
    leads,
    learning_tables,
    positions,
    q_table,
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


def _matches(filters: Filters, *, any_status: bool = False) -> list[ColumnElement[bool]]:
    wanted = [(leads.c.bucket, filters.bucket), (leads.c.action, filters.action)]
    if not any_status:
        wanted.append((leads.c.status, filters.status))
    return [column == value for column, value in wanted if value is not None]


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


def learning_table(connection: Connection, table_id: str) -> RowMapping | None:
    """A learning table's version and constants."""
    chosen = select(learning_tables).where(learning_tables.c.table_id == table_id)
    return connection.execute(chosen).mappings().one_or_none()


def q_rows(connection: Connection, table_id: str, state: str | None) -> Sequence[RowMapping]:
    """A table's rows, the best action of each state first."""
    chosen = select(q_table).where(q_table.c.table_id == table_id)
    if state is not None:
        chosen = chosen.where(q_table.c.state == state)
    order = (q_table.c.state, q_table.c.q.desc(), q_table.c.action)
    return connection.execute(chosen.order_by(*order)).mappings().all()
