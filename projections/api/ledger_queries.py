"""The statements behind the ledger of contacts, and dead letters."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, literal, or_, select, tuple_

from domain.vocabulary import Verdict
from projections.event_tables import contacts, dead_letters
from projections.tables import decisions
from schemas.topics import TOPICS

KEPT = {
    name.removesuffix(".dead"): timedelta(milliseconds=int(topic.config["retention.ms"]))
    for name, topic in TOPICS.items()
    if name.endswith(".dead")
}
"""How long a letter of each service is kept."""
LetterPlace = tuple[datetime, str, int, int]
"""When it was set aside, and where: where a page ended."""

_row = dead_letters.c
_STATE = case(
    (_row.discarded_at.is_not(None), "discarded"),
    (_row.redriven_at.is_not(None), "redriven"),
    else_="waiting",
)
"""What became of a letter; a note that nobody wants it comes before anything else."""


def contacts_page(
    connection: Connection, lead_id: str, before: tuple[datetime, int] | None, limit: int
) -> Sequence[RowMapping]:
    """A household's contacts, newest first, each with the decision that was in force then (D7)."""
    made, of = contacts.c, decisions.c
    in_force = (
        select(of.decision_id)
        .where(
            of.lead_id == made.lead_id,
            of.verdict == Verdict.DECISION.value,
            of.decided_at <= made.at,
            of.cause_event_id != made.event_id,
        )
        .order_by(of.sequence.desc())
        .limit(1)
        .correlate(contacts)
        .scalar_subquery()
    )
    chosen = select(contacts, in_force.label("in_force_id")).where(made.lead_id == lead_id)
    if before is not None:
        end = tuple_(literal(before[0], made.at.type), before[1])
        chosen = chosen.where(tuple_(made.at, made.root_offset) < end)
    ordered = chosen.order_by(made.at.desc(), made.root_offset.desc()).limit(limit)
    return connection.execute(ordered).mappings().all()


def contacts_since(connection: Connection, lead_id: str, now: datetime) -> RowMapping:
    """How many contacts the limits count: in the day and in the week before `now` (C1)."""
    at = contacts.c.at
    day, week = now - timedelta(days=1), now - timedelta(days=7)
    chosen = select(func.count().filter(at > day).label("last_day"), func.count().label("last_week")).where(
        contacts.c.lead_id == lead_id, at > week, at <= now
    )
    return connection.execute(chosen).mappings().one()


def letters_page(
    connection: Connection,
    now: datetime,
    filters: Mapping[str, str],
    before: LetterPlace | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Letters that are kept at `now`, newest first; `filters` are those of `group` and `state`."""
    row = dead_letters.c
    chosen = select(dead_letters, _STATE.label("state")).where(_kept(now))
    for name, value in filters.items():
        chosen = chosen.where((row.group if name == "group" else _STATE) == value)
    order = (row.at, row.group, row.partition, row.offset)
    if before is not None:
        chosen = chosen.where(tuple_(*order) < tuple_(literal(before[0], row.at.type), *before[1:]))
    ordered = chosen.order_by(*(part.desc() for part in order)).limit(limit)
    return connection.execute(ordered).mappings().all()


def letters_waiting(connection: Connection, now: datetime) -> dict[str, int]:
    """How many wait of each service."""
    group = dead_letters.c.group
    chosen = select(group, func.count()).where(_kept(now), _STATE == "waiting").group_by(group)
    return dict(connection.execute(chosen.order_by(group)).all())


def _kept(now: datetime) -> ColumnElement[bool]:
    """Of a note whose letter has not come yet, or is gone, there is no time."""
    return or_(*(and_(_row.group == name, _row.at > now - kept) for name, kept in KEPT.items()))
