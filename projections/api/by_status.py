"""How many households of each status a list has: kept by days, or counted."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Executable, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import REGCLASS

from domain.vocabulary import Status
from projections.api.filters import Filters, matches
from projections.tables import lead_counts, leads


def by_status(connection: Connection, filters: Filters) -> dict[Status, int]:
    """How many leads each status has, under every filter but the status.

    Of all of them, and of those that are due, it is kept by days. Under another filter a walk of the index for each
    status costs half of what grouping every row does; what is searched for is few rows, or is not counted.
    """
    filters = filters.any_status
    if filters.tokens and filters.among is None:
        return {}
    if filters == Filters(due=filters.due):
        chosen = _kept(filters.due)
    elif filters.tokens:
        chosen = _grouped(matches(filters))
    else:
        chosen = _walked(matches(filters))
    return {Status(status): number for status, number in connection.execute(chosen) if number}


def _grouped(wanted: Sequence[ColumnElement[bool]]) -> Executable:
    return (
        select(leads.c.status, func.count())
        .where(leads.c.status.is_not(None), *wanted)
        .group_by(leads.c.status)
    )


def _walked(wanted: Sequence[ColumnElement[bool]]) -> Executable:
    return union_all(
        *(
            select(literal(status.value), func.count()).where(leads.c.status == status.value, *wanted)
            for status in Status
        )
    )


def _kept(due: datetime | None) -> Executable:
    """Leads by status, or those due by a moment: whole days as they are kept, of its own day the rows."""
    days = select(lead_counts.c.status, lead_counts.c.leads).where(
        lead_counts.c.relation == cast(literal("leads"), REGCLASS)
    )
    if due is not None:
        begun = due.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = select(leads.c.status, literal(1)).where(
            leads.c.status.is_not(None), leads.c.contact_at >= begun, leads.c.contact_at <= due
        )
        days = days.where(lead_counts.c.day < begun.date())
        parts = union_all(days, rows).subquery()
    else:
        parts = days.subquery()
    number = func.sum(parts.c.leads)
    return select(parts.c.status, number).group_by(parts.c.status)
