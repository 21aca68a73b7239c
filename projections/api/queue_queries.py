"""The statements behind the operators' queue: open reviews first, then decisions whose time has come."""

from collections.abc import Sequence
from datetime import datetime

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

from projections.api.queries import LISTED
from projections.tables import leads

DUE = "due_decision"
"""The kind of an item that is no review."""
Place = tuple[datetime, str, str]
"""Since when, lead id and kind of an item: where a page ended."""

_review = (
    func.jsonb_to_recordset(leads.c.reviews, type_=JSONB)
    .table_valued(column("kind", Text), column("event_id", Text), column("at", DateTime(timezone=True)))
    .render_derived(name="review", with_types=True)
)


def page(connection: Connection, now: datetime, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Items, most urgent first: the reviews come to their end before the due decisions begin."""
    in_due = after is not None and after[2] == DUE
    first = [] if in_due else list(reviews(connection, after, limit))
    rest = limit - len(first)
    return [*first, *due(connection, now, after if in_due else None, rest)] if rest else first


def reviews(connection: Connection, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Open reviews with their leads, the longest open first."""
    chosen = (
        select(*LISTED, _review.c.kind, _review.c.event_id, _review.c.at.label("since"))
        .join_from(leads, _review, true())
        .where(leads.c.reviews.is_not(None))
    )
    order = (_review.c.at, leads.c.lead_id, _review.c.kind)
    if after is not None:
        chosen = chosen.where(tuple_(*order) > tuple_(*after))
    return connection.execute(chosen.order_by(*order).limit(limit)).mappings().all()


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
    rows = connection.execute(union_all(open_reviews, decided))
    return {kind: number for kind, number in rows if number}
