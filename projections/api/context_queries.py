"""The two statements of a context pack: the household with its record, then everything that was said and decided."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from domain.vocabulary import Verdict
from projections.api.places import Place
from projections.api.queries import FOLDED, LISTED
from projections.leads import RECORD_PARTS
from projections.tables import decisions, interactions, leads, policies

LATEST = 20
"""Interactions whose words a pack looks at, besides those that the state names."""

_RECORD = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object("offset", interactions.c.root_offset, "told", interactions.c.recorded)
        )
    )
    .where(
        interactions.c.partition == leads.c.partition,
        interactions.c.root_offset.in_([leads.c[f"{part}_offset"] for part in RECORD_PARTS]),
        interactions.c.recorded.is_not(None),
    )
    .correlate(leads)
    .scalar_subquery()
)
_OF_A_TALK = (interactions.c.kind == "interaction") & interactions.c.repeats.is_(None)


def household(connection: Connection, lead_id: str) -> RowMapping | None:
    """One lead with its folded state and, in `events`, what its record is made of."""
    chosen = select(*LISTED, FOLDED, _RECORD.label("events")).where(leads.c.lead_id == lead_id)
    return connection.execute(chosen).mappings().one_or_none()


def events_of(row: RowMapping) -> dict[Place, Any]:
    """The events of a household's record by place."""
    return {(row["partition"], event["offset"]): event["told"] for event in row["events"] or ()}


def everything(connection: Connection, lead_id: str, named: Collection[str]) -> Sequence[RowMapping]:
    """What a pack shows besides the household, by `part`: told, decision and parameters.

    `told` are the latest interactions and those that the state names, newest first, one perhaps twice.
    """
    told = select(
        literal("told").label("part"),
        interactions.c.event_id,
        interactions.c.occurred_at,
        interactions.c.root_offset,
        interactions.c.recorded,
        interactions.c.extraction,
    ).where(interactions.c.lead_id == lead_id, _OF_A_TALK)
    order = (interactions.c.occurred_at.desc(), interactions.c.root_offset.desc())
    latest = told.order_by(*order).limit(LATEST).subquery()
    empty = cast(null(), interactions.c.extraction.type)
    decision = (
        select(
            literal("decision"),
            decisions.c.decision_id,
            decisions.c.decided_at,
            decisions.c.root_offset,
            decisions.c.record,
            empty,
        )
        .where(decisions.c.lead_id == lead_id, decisions.c.verdict == Verdict.DECISION.value)
        .order_by(decisions.c.sequence.desc())
        .limit(1)
        .subquery()
    )
    parameters = select(
        literal("parameters"), policies.c.key, policies.c.recorded_at, literal(0), policies.c.record, empty
    ).where(policies.c.is_current)
    parts = union_all(
        select(latest),
        told.where(interactions.c.event_id.in_([cast(name, Text) for name in named])),
        select(decision),
        parameters,
    ).subquery()
    chosen = select(parts).order_by(parts.c.occurred_at.desc(), parts.c.root_offset.desc())
    return connection.execute(chosen).mappings().all()


def extractions(connection: Connection, lead_id: str, named: Collection[str]) -> dict[str, Any]:
    """What was said in these events of a lead, sealed, by event id; asks nothing where none is named."""
    if not named:
        return {}
    chosen = select(interactions.c.event_id, interactions.c.extraction).where(
        interactions.c.lead_id == lead_id,
        interactions.c.event_id.in_(named),
        _OF_A_TALK,
    )
    return {event_id: said for event_id, said in connection.execute(chosen) if said is not None}
