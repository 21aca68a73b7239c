"""Whether the views show what followed from a root record: the statement behind reading one's own writes."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TableValuedAlias, and_, exists, func, or_, select

from domain.actions import STOP
from projections.api.places import Place, listed, named
from projections.key_tables import erasures
from projections.tables import decisions, interactions, leads, positions, transitions

TOPIC = "interactions"


def applied(connection: Connection, places: Collection[Place]) -> set[Place]:
    """Those of the places that leads, timeline and decisions have applied.

    The views are fed by five topics, whose positions do not compare: each has to show what follows from the
    record. It is there and enriched; its answer is there; the lead's state counts that answer (`leads`); and the
    decision that it superseded has its transition, unless it never had one to give (an override, a stop).
    Of a household that was erased nothing is shown, so that its answer is all there is to wait for.
    A place that got no answer though a later one of its partition did, as a dead letter's, has nothing to show.
    Nor has one that the view of interactions has passed without a row, as a tick's.
    """
    return {(partition, offset) for partition, offset in connection.execute(_statement(), named(places))}


@cache
def _statement() -> Select[Any]:
    """Built once: it is asked as often as anybody waits."""
    wanted = listed()
    ours = and_(decisions.c.partition == wanted.c.partition, decisions.c.root_offset == wanted.c.root_offset)
    # The greatest is one step in the index; "is there a later one" may become a scan of the whole table.
    greatest = select(func.max(decisions.c.root_offset)).where(decisions.c.partition == wanted.c.partition)
    passed_over = and_(greatest.scalar_subquery() > wanted.c.root_offset, ~exists().where(ours))
    shown = exists().where(
        ours,
        interactions.c.partition == wanted.c.partition,
        interactions.c.root_offset == wanted.c.root_offset,
        interactions.c.event_id == decisions.c.cause_event_id,
        interactions.c.enriched_id.is_not(None),
        leads.c.lead_id == decisions.c.lead_id,
        leads.c.sequence > decisions.c.sequence,
        ~_lacks_transition(),
    )
    gone = exists().where(
        ours,
        erasures.c.lead_id == decisions.c.lead_id,
        erasures.c.subject.is_(None),
        erasures.c.destroyed_at.is_not(None),
    )
    return select(wanted.c.partition, wanted.c.root_offset).where(
        or_(shown, passed_over, gone, _told_nothing(wanted))
    )


def _told_nothing(wanted: TableValuedAlias) -> ColumnElement[bool]:
    """The record was read, and is none of what is told: rows and position move together."""
    read = exists().where(
        positions.c.topic == TOPIC,
        positions.c.partition == wanted.c.partition,
        positions.c.next_offset > wanted.c.root_offset,
    )
    told = exists().where(
        interactions.c.partition == wanted.c.partition,
        interactions.c.root_offset == wanted.c.root_offset,
        interactions.c.kind.is_not(None),
    )
    return and_(read, ~told)


def _lacks_transition() -> ColumnElement[bool]:
    """The decision that `decisions` superseded taught (D3), and what it taught is not there yet."""
    closed = decisions.alias("closed")
    return exists().where(
        closed.c.decision_id == decisions.c.record["supersedes"].astext,
        closed.c.record["override"].astext.is_(None),
        closed.c.action != STOP,
        ~exists().where(transitions.c.decision_id == closed.c.decision_id),
    )
