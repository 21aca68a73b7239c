"""The statements about open reminders: every one by its moment, one household's, and those that operators await."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    RowMapping,
    Select,
    Text,
    bindparam,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.reminders import MOST
from projections.api.queries import LISTED
from projections.tables import decisions, interactions, lead_states, leads

REMINDER = "reminder"
"""Their kind in the queue, and that of the events which set them."""
Place = tuple[datetime, str, str]
"""Moment, lead id and reminder id: where a page ended."""

_states = lead_states.c
_open = (
    func.jsonb_to_recordset(_states.folded["reminders"], type_=JSONB)
    .table_valued(
        column("reminder_id", Text),
        column("due_at", DateTime(timezone=True)),
        column("decision_id", Text),
        column("fired", Boolean),
    )
    .render_derived(name="open", with_types=True)
)
_order = (_open.c.due_at, _states.lead_id, _open.c.reminder_id)


def page(
    connection: Connection, due: datetime | None, after: Place | None, limit: int
) -> Sequence[RowMapping]:
    """Open reminders with their leads, the soonest first; with `due` only those until then."""
    found = _found(_states.lead_id.in_(_leads(due, after, limit)))
    if due is not None:
        found = found.where(_open.c.due_at <= due)
    if after is not None:
        found = found.where(tuple_(*_order) > tuple_(*after))
    return connection.execute(_shown(found, limit)).mappings().all()


def of_lead() -> Select[*tuple[Any, ...]]:
    """The open reminders of one household, the soonest first; its id is the parameter `lead_id`."""
    return _shown(_found(_states.lead_id == bindparam("lead_id", type_=Text)), MOST + 1)


def awaited(connection: Connection, now: datetime, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Those that operators set for a moment which has come, the longest due first."""
    found = _found(*_awaited(now))
    if after is not None:
        found = found.where(tuple_(*_order) > tuple_(*after))
    return connection.execute(_shown(found, limit)).mappings().all()


def awaited_count(now: datetime) -> Select[str, int]:
    """How many of those there are, beside their kind."""
    return (
        select(literal(REMINDER), func.count())
        .select_from(lead_states)
        .join(_open, true())
        .where(*_awaited(now))
    )


def _awaited(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those that a decision brought are due decisions, which the queue has anyway."""
    asked = _open.c.reminder_id.is_distinct_from(_open.c.decision_id)
    return (_states.asked_at <= now, _open.c.due_at <= now, asked)


def _leads(due: datetime | None, after: Place | None, limit: int) -> Select[str]:
    """Leads that a page can have reminders of, found by index: so many as it has items, by their soonest.

    Of those that a page before began with, only ones with several can have more: an operator set one of these.
    """
    one = lead_states.alias("one").c
    order = (one.reminds_at, one.lead_id)
    soonest = select(one.lead_id).where(one.reminds_at.is_not(None)).order_by(*order).limit(limit)
    if due is not None:
        soonest = soonest.where(one.reminds_at <= due)
    if after is None:
        return soonest
    begun = select(one.lead_id).where(one.asked_at.is_not(None), tuple_(*order) <= tuple_(*after[:2]))
    both = union(soonest.where(tuple_(*order) > tuple_(*after[:2])), begun).subquery()
    return select(both.c.lead_id)


def _found(*which: ColumnElement[bool]) -> Select[str, str, datetime, str, bool]:
    chosen = select(
        _states.lead_id.label("of_lead"),
        _open.c.reminder_id,
        _open.c.due_at,
        _open.c.decision_id.label("credited_id"),
        _open.c.fired,
    )
    return chosen.join_from(lead_states, _open, true()).where(*which)


def _shown(found: Select[str, str, datetime, str, bool], limit: int) -> Select[*tuple[Any, ...]]:
    """With the lead, the action of the decision that each is credited to, and the event that set it.

    They have the names of the queue's items, too.
    """
    one = found.order_by(*_order).limit(limit).subquery("found")
    set_by = (
        select(interactions.c.recorded)
        .where(
            interactions.c.event_id == one.c.reminder_id,
            interactions.c.lead_id == one.c.of_lead,
            interactions.c.kind == REMINDER,
        )
        .order_by(interactions.c.root_offset)
        .limit(1)
        .scalar_subquery()
    )
    chosen = (
        select(
            *LISTED,
            one,
            decisions.c.action.label("credited_action"),
            set_by.label("set_by"),
            literal(REMINDER).label("kind"),
            one.c.due_at.label("since"),
            one.c.reminder_id.label("event_id"),
        )
        .join_from(one, leads, leads.c.lead_id == one.c.of_lead)
        .outerjoin(decisions, decisions.c.decision_id == one.c.credited_id)
    )
    return chosen.order_by(one.c.due_at, one.c.of_lead, one.c.reminder_id)
