"""Every statement about leads, events and decisions, by name; each runs in the caller's one snapshot."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    RowMapping,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array

from domain.vocabulary import Verdict
from projections.api.filters import Filters, matches
from projections.api.places import Place, listed, named
from projections.api.statements import Row
from projections.key_tables import keys
from projections.leads import RECORD_PARTS
from projections.tables import (
    NEVER,
    decisions,
    interactions,
    lead_states,
    leads,
    positions,
    transitions,
)

Sort = Literal["updated", "decided", "due"]
_ORDER = {"updated": leads.c.updated_at, "decided": leads.c.decided_at, "due": leads.c.contact_at}
_NOT_SHOWN = ("updated_at", "decided_at", "contact_at", "reviews")
LISTED = (
    *(column for column in leads.c if column.name not in _NOT_SHOWN),
    func.nullif(leads.c.updated_at, NEVER).label("updated_at"),
    func.nullif(leads.c.decided_at, NEVER).label("decided_at"),
)
"""What of a lead a list shows; its times are null where nothing was answered yet."""
FOLDED = (
    select(lead_states.c.folded)
    .where(lead_states.c.lead_id == leads.c.lead_id)
    .correlate(leads)
    .scalar_subquery()
    .label("folded")
)
"""The folded state beside a lead."""

ERASED_AT = (
    select(func.max(keys.c.destroyed_at))
    .where(keys.c.destroyed_at.is_not(None))
    .scalar_subquery()
    .label("erased_at")
)
_TOLD_UNTIL = (
    select(func.max(positions.c.next_offset))
    .where(
        positions.c.topic == "interactions",
        positions.c.partition == func.coalesce(leads.c.state_partition, leads.c.partition),
    )
    .correlate(leads)
    .scalar_subquery()
)
_ANSWERED = (
    select(decisions.c.root_offset)
    .where(decisions.c.lead_id == leads.c.lead_id)
    .order_by(decisions.c.sequence.desc())
    .limit(1)
    .correlate(leads)
    .scalar_subquery()
)
_PARTS = tuple(leads.c[f"{part}_offset"] for part in RECORD_PARTS)
VERSION = (
    *("partition", "state_partition", "state_offset", "sequence", "decision_id", "decided_at", "updated_at"),
    *(part.name for part in _PARTS),
)
"""Columns of a lead that move with its state, its answers and its record."""
BESIDE = ((func.greatest(_ANSWERED, *_PARTS) < _TOLD_UNTIL).label("told"), ERASED_AT)
"""Whether the events that they come from can be read, too, since topics reach the views apart; and what was erased."""


_ONE = bindparam("lead_id", type_=Text)
LEAD = select(*LISTED, FOLDED, *BESIDE).where(leads.c.lead_id == _ONE)
"""One lead with its folded state, and the columns of its version."""
IN_FORCE = (
    select(decisions.c.record)
    .where(decisions.c.lead_id == _ONE, decisions.c.verdict == Verdict.DECISION.value)
    .order_by(decisions.c.sequence.desc())
    .limit(1)
)
"""A lead's last decision."""
RECORDS = select(interactions.c.partition, interactions.c.root_offset, interactions.c.recorded).join_from(
    leads,
    interactions,
    and_(
        leads.c.lead_id == _ONE,
        interactions.c.partition == leads.c.partition,
        interactions.c.root_offset == any_(array(_PARTS)),
        interactions.c.recorded.is_not(None),
    ),
)
"""The events, as they were told, that the parts of one lead's record are of."""


def probe(connection: Connection) -> None:
    """Raise unless the database answers and has the tables."""
    connection.execute(select(positions.c.projection).limit(1))


def page(
    connection: Connection, filters: Filters, sort: Sort, after: tuple[datetime, str] | None, limit: int
) -> Sequence[RowMapping]:
    """Leads, latest first, or by `due` the soonest; `after` is the (time, lead id) that the last page ended with."""
    time = _ORDER[sort]
    order = (time, leads.c.lead_id)
    chosen = select(*LISTED, time.label("place")).where(*matches(filters)).limit(limit)
    chosen = chosen.order_by(*(order if sort == "due" else (part.desc() for part in order)))
    if after is not None:
        here, end = tuple_(*order), tuple_(literal(after[0], time.type), after[1])
        chosen = chosen.where(here > end if sort == "due" else here < end)
    return connection.execute(chosen).mappings().all()


def lead(connection: Connection, lead_id: str) -> RowMapping | None:
    """One lead with its folded state, and the columns of its version."""
    return connection.execute(LEAD, {"lead_id": lead_id}).mappings().one_or_none()


def lead_version(connection: Connection, lead_id: str) -> RowMapping | None:
    """The version of one lead alone."""
    chosen = select(*(leads.c[name] for name in VERSION), *BESIDE).where(leads.c.lead_id == lead_id)
    return connection.execute(chosen).mappings().one_or_none()


def version_of(row: Row) -> tuple[Any, ...]:
    """What changes whenever one of the views changes what is shown of a lead."""
    return (*(row[name] for name in VERSION), row["told"], row["erased_at"])


def erased_at(connection: Connection) -> datetime | None:
    """When a key was destroyed last: what was shown before may have lost a text since."""
    found: datetime | None = connection.execute(select(ERASED_AT)).scalar_one()
    return found


def records(connection: Connection, rows: Iterable[RowMapping]) -> dict[Place, Any]:
    """The events, as they were told, that the parts of these leads' records are of."""
    places = {(row["partition"], row[f"{part}_offset"]) for row in rows for part in RECORD_PARTS}
    wanted = listed()
    ours = and_(
        interactions.c.partition == wanted.c.partition,
        interactions.c.root_offset == wanted.c.root_offset,
        interactions.c.recorded.is_not(
            None
        ),  # another topic may have brought the row before the event itself
    )
    chosen = select(wanted, interactions.c.recorded).join_from(wanted, interactions, ours)
    known = named([place for place in places if place[1] is not None])
    return {(partition, offset): told for partition, offset, told in connection.execute(chosen, known)}


def interaction(connection: Connection, event_id: str) -> Sequence[RowMapping]:
    """Every root record with this id: the first that is no repeat, then the repeats."""
    chosen = select(interactions).where(interactions.c.event_id == event_id)
    order = (interactions.c.repeats.is_not(None), interactions.c.recorded_at, interactions.c.root_offset)
    return connection.execute(chosen.order_by(*order).limit(100)).mappings().all()


def answer(connection: Connection, root: RowMapping) -> RowMapping | None:
    """The answer to one root record; to one that was read with others, the answer to all of them."""
    together = root["conversation"]
    cause, place = (
        (root["event_id"], root["root_offset"])
        if together is None
        else (together["conversation_id"], together["root_offset"])
    )
    chosen = select(decisions).where(
        decisions.c.partition == root["partition"],
        decisions.c.root_offset == place,
        decisions.c.cause_event_id == cause,
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
