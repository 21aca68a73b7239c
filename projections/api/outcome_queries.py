"""The statements behind outcomes and costs; each sums rows of events, so that a replay changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, RowMapping, cast, func, literal, select, union_all

from domain.q_learning import LATE
from domain.vocabulary import Failure
from projections.event_tables import readings, status_steps
from projections.tables import leads, transitions

NANOS = 1_000_000_000
"""Of a US dollar."""


@dataclass(frozen=True, slots=True)
class Window:
    """From a moment on, up to another one; None leaves a side open."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """What a time must be."""
        found = [] if self.since is None else [column >= self.since]
        return found if self.until is None else [*found, column < self.until]


def standing(connection: Connection) -> dict[str, int]:
    """How many households stand in each status; a walk of the index `leads_counted`."""
    chosen = select(leads.c.status, func.count()).where(leads.c.status.is_not(None)).group_by(leads.c.status)
    return dict(connection.execute(chosen).all())


def reached(connection: Connection, table_id: str, window: Window) -> dict[str, int]:
    """How many households took a step to each status."""
    step = status_steps.c
    chosen = (
        select(step.to_status, func.count(step.lead_id.distinct()))
        .where(step.table_id == table_id, *window.of(step.recorded_at))
        .group_by(step.to_status)
    )
    return dict(connection.execute(chosen).all())


def steps(connection: Connection, table_id: str, window: Window) -> Sequence[RowMapping]:
    """Every kind of step, the most frequent first."""
    step = status_steps.c
    times = func.count().label("times")
    chosen = (
        select(
            step.from_status,
            step.to_status,
            times,
            func.count(step.lead_id.distinct()).label("leads"),
            func.sum(step.reward).label("reward"),
        )
        .where(step.table_id == table_id, *window.of(step.recorded_at))
        .group_by(step.from_status, step.to_status)
        .order_by(times.desc(), step.from_status, step.to_status)
    )
    return connection.execute(chosen).mappings().all()


def rewards(connection: Connection, table_id: str, window: Window) -> Sequence[RowMapping]:
    """By action and arm; what came late is of the arm of its decision, which the transition that closed it names."""
    made, closed = transitions.c, transitions.alias("closed").c
    of_decision = (
        select(closed.arm)
        .where(closed.decision_id == made.decision_id, closed.arm.is_not(None))
        .limit(1)
        .correlate(transitions)
        .scalar_subquery()
    )
    ours = (made.table_id == table_id, made.action.is_not(None), *window.of(made.recorded_at))
    none = cast(literal(0), Integer)
    over = select(
        made.action, made.arm, made.reward, none.label("late"), cast(literal(1), Integer).label("one")
    ).where(made.kind != LATE, *ours)
    late = select(made.action, of_decision.label("arm"), made.reward, cast(literal(1), Integer), none).where(
        made.kind == LATE, *ours
    )
    heard = union_all(over, late).subquery("heard").c
    outcomes = func.sum(heard.one)
    chosen = (
        select(
            heard.action,
            heard.arm,
            outcomes.label("outcomes"),
            func.sum(heard.reward).label("reward"),
            (func.sum(heard.reward) / func.nullif(outcomes, 0)).label("mean"),
            func.coalesce(func.sum(heard.reward).filter(heard.late == 1), 0.0).label("late"),
        )
        .group_by(heard.action, heard.arm)
        .order_by(heard.action, heard.arm)
    )
    return connection.execute(chosen).mappings().all()


def costs(
    connection: Connection, by: Sequence[str], since: date | None, until: date | None
) -> Sequence[RowMapping]:
    """Sums for each combination of some of day, model and channel, in order; `until` is the last day."""
    read = readings.c
    apart = [read[name] for name in by]
    sums = [
        func.sum(read[name]).label(name) for name in ("calls", "tokens_in", "tokens_cached", "tokens_out")
    ]
    failures = [
        func.count().filter(read.failure == each.value).label(f"failed_{each.value}") for each in Failure
    ]
    chosen = select(
        *apart,
        func.count().label("interactions"),
        func.count().filter(read.messages > 0).label("conversations"),
        func.coalesce(func.sum(read.messages), 0).label("messages_of_conversations"),
        func.coalesce(func.sum(read.fallback), 0).label("fallbacks"),
        func.coalesce(func.sum(read.nanos), 0).label("nanos"),
        *(func.coalesce(each, 0).label(each.name) for each in sums),
        *failures,
    )
    bounds = [] if since is None else [read.day >= since]
    bounds += [] if until is None else [read.day <= until]
    return connection.execute(chosen.where(*bounds).group_by(*apart).order_by(*apart)).mappings().all()
