"""Which households a list shows: by status, situation, action, moment, and the words of a search."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, any_, case, exists, literal, select

from projections.event_tables import lead_search
from projections.tables import leads

FEW = 2_000
"""Households that a search looks at one by one; of more nothing is counted."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which leads a list shows; None shows all, and so does no token. `among` is set by `narrowed`."""

    status: str | None = None
    bucket: str | None = None
    action: str | None = None
    due: datetime | None = None
    tokens: tuple[int, ...] = ()
    among: tuple[str, ...] | None = None

    @property
    def any_status(self) -> "Filters":
        """The same, but for the status."""
        return replace(self, status=None)


def matches(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on `leads`."""
    wanted = [
        (leads.c.status, filters.status),
        (leads.c.bucket, filters.bucket),
        (leads.c.action, filters.action),
    ]
    found = [column == value for column, value in wanted if value is not None]
    found += [_found(token) for token in filters.tokens]
    if filters.among is not None:
        found.append(leads.c.lead_id == any_(literal(list(filters.among), ARRAY(Text))))
    return found if filters.due is None else [*found, leads.c.contact_at <= filters.due]


def narrowed(connection: Connection, filters: Filters) -> Filters:
    """With the households that the rarest token finds, where those are few: each is looked at then, and no other.

    Where every token is of many, a walk in the order of the list soon meets enough of them.
    """
    few: set[str] | None = None
    for token in filters.tokens:
        chosen = select(lead_search.c.lead_id).where(lead_search.c.tokens.contains([token])).limit(FEW + 1)
        found = connection.scalars(chosen).all()
        if len(found) <= FEW and (few is None or len(found) < len(few)):
            few = set(found)
    return filters if few is None else replace(filters, among=tuple(few))


def _found(token: int) -> ColumnElement[bool]:
    """Whether somebody of the household is found by a token, as the record in force tells of them."""
    told = lead_search.c
    in_force = case((told.part == "guardians", leads.c.guardians_offset), else_=leads.c.children_offset)
    return exists().where(
        told.lead_id == leads.c.lead_id, told.tokens.contains([token]), told.root_offset == in_force
    )
