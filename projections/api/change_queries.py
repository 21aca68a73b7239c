"""The statements behind the stream of changes: how far the views are, and which leads changed behind a vector."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Integer,
    RowMapping,
    Select,
    Text,
    bindparam,
    column,
    exists,
    func,
    select,
    true,
)

from projections.api.changes import Vector
from projections.key_tables import erasures
from projections.tables import decisions, leads, positions

TOPIC = "leads"


class Most(NamedTuple):
    """At most so many rows of each partition, and of all."""

    of_each: int
    of_all: int


def reached(connection: Connection) -> Vector:
    """How far the view of leads has applied each partition; empty before the first start."""
    furthest = select(positions.c.partition, func.max(positions.c.next_offset))
    found = connection.execute(
        furthest.where(positions.c.topic == TOPIC).group_by(positions.c.partition)
    ).all()
    ends = dict(found)
    return tuple(ends.get(number, 0) for number in range(max(ends) + 1)) if ends else ()


def behind(
    connection: Connection, since: Vector, until: Vector, most: Most, lead_ids: Sequence[str] = ()
) -> Sequence[RowMapping]:
    """Leads whose state stands from `since` on and before `until`, by partition and then in their order.

    `whole` says whether the answer that the state counts last can be read, too: topics reach the views apart.
    """
    given = {
        "partitions": list(range(len(until))),
        "begins": list(since),
        "ends": list(until),
        "of_each": most.of_each,
        "of_all": most.of_all,
        "lead_ids": list(lead_ids),
    }
    return connection.execute(_behind(named=bool(lead_ids)), given).mappings().all()


def erased(connection: Connection, after: datetime, until: datetime, most: int) -> Sequence[RowMapping]:
    """Erasures that were carried out later than one moment and not later than another, in their order."""
    found = select(erasures.c.lead_id, erasures.c.subject, erasures.c.destroyed_at).where(
        erasures.c.destroyed_at > after, erasures.c.destroyed_at <= until
    )
    return connection.execute(found.order_by(erasures.c.destroyed_at).limit(most)).mappings().all()


def last_erased(connection: Connection) -> datetime | None:
    """When the latest erasure was carried out."""
    found: datetime | None = connection.scalar(select(func.max(erasures.c.destroyed_at)))
    return found


@cache
def _behind(*, named: bool) -> Select[Any]:
    """Built once: it is asked whenever something changes."""
    spans = (
        func.unnest(
            bindparam("partitions", type_=ARRAY(Integer)),
            bindparam("begins", type_=ARRAY(BigInteger)),
            bindparam("ends", type_=ARRAY(BigInteger)),
        )
        .table_valued(
            column("number", Integer), column("begin", BigInteger), column("before", BigInteger), name="span"
        )
        .render_derived()
    )
    answered = exists().where(
        decisions.c.lead_id == leads.c.lead_id, decisions.c.sequence >= leads.c.sequence - 1
    )
    found = select(
        leads.c.state_partition, leads.c.state_offset, leads.c.lead_id, leads.c.sequence, leads.c.decision_id
    ).where(
        leads.c.state_partition == spans.c.number,
        leads.c.state_offset >= spans.c.begin,
        leads.c.state_offset < spans.c.before,
    )
    if named:
        found = found.where(leads.c.lead_id == func.any(bindparam("lead_ids", type_=ARRAY(Text))))
    found = found.add_columns(((leads.c.sequence == 0) | answered).label("whole"))
    ordered = found.order_by(leads.c.state_offset).limit(bindparam("of_each")).correlate(spans)
    each = ordered.lateral("changed")
    chosen = select(each).select_from(spans.join(each, true()))
    return chosen.order_by(each.c.state_partition, each.c.state_offset).limit(bindparam("of_all"))
