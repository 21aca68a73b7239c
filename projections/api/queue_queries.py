"""The statements behind the operators' queue: open reviews, reminders that are due, decisions whose time has come."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import (
    Connection,
    DateTime,
    RowMapping,
    Text,
    column,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from projections.api import reminder_queries
from projections.api.queries import LISTED
from projections.api.reminder_queries import REMINDER
from projections.tables import leads

DUE = "due_decision"
"""The kind of an item that is neither a review nor a reminder."""
Place = tuple[datetime, str, str, str]
"""Since when, lead id, kind and event of an item: where a page ended."""

_review = (
    func.jsonb_to_recordset(leads.c.reviews, type_=JSONB)
    .table_valued(column("kind", Text), column("event_id", Text), column("at", DateTime(timezone=True)))
    .render_derived(name="review", with_types=True)
)


def page(connection: Connection, now: datetime, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Items, most urgent first: each kind comes to its end before the next begins."""
    parts = (partial(reviews, connection), partial(reminders, connection, now), partial(due, connection, now))
    begun = 0 if after is None else {REMINDER: 1, DUE: 2}.get(after[2], 0)
    found: list[RowMapping] = []
    for number, part in enumerate(parts[begun:]):
        if len(found) < limit:
            found += part(after if number == 0 else None, limit - len(found))
    return found


def reviews(connection: Connection, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Open reviews with their leads, the longest open first."""
    chosen = (
        select(*LISTED, _review.c.kind, _review.c.event_id, _review.c.at.label("since"))
        .join_from(leads, _review, true())
        .where(leads.c.reviews.is_not(None))
    )
    order = (_review.c.at, leads.c.lead_id, _review.c.kind)
    if after is not None:
        chosen = chosen.where(tuple_(*order) > tuple_(*after[:3]))
    return connection.execute(chosen.order_by(*order).limit(limit)).mappings().all()


def reminders(connection: Connection, now: datetime, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Reminders of operators whose moment has come, the longest due first."""
    place = None if after is None else (after[0], after[1], after[3])
    return reminder_queries.awaited(connection, now, place, limit)


def due(connection: Connection, now: datetime, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Decisions that were to be carried out by now and were not, the most overdue first."""
    chosen = select(
        *LISTED, literal(DUE).label("kind"), null().label("event_id"), leads.c.contact_at.label("since")
    ).where(leads.c.contact_at <= now)
    order = (leads.c.contact_at, leads.c.lead_id)
    if after is not None:
        chosen = chosen.where(tuple_(*order) > tuple_(*after[:2]))
    return connection.execute(chosen.order_by(*order).limit(limit)).mappings().all()


def counts(connection: Connection, now: datetime) -> dict[str, int]:
    """How many items each kind has."""
    open_reviews = (
        select(_review.c.kind, func.count())
        .join_from(leads, _review, true())
        .where(leads.c.reviews.is_not(None))
        .group_by(_review.c.kind)
    )
    decided = select(literal(DUE), func.count()).where(leads.c.contact_at <= now)
    asked = reminder_queries.awaited_count(now)
    rows = connection.execute(union_all(open_reviews, asked, decided))
    return {kind: number for kind, number in rows if number}
