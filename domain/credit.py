"""Whose outcome it is: an event credits the decision that was in force when it took place (D7)."""

from dataclasses import replace
from datetime import datetime

from domain.states import Closed, InForce, Lead

KEPT = 16
"""Decisions that a household remembers; what is heard of an older one teaches nothing, and is recorded so."""


def is_current(lead: Lead, occurred_at: datetime) -> bool:
    """Whether the decision in force was made by then; also where there was never any."""
    if lead.in_force is None:
        return not lead.past
    return lead.in_force.decided_at <= occurred_at


def earlier(lead: Lead, occurred_at: datetime) -> Closed | None:
    """The decision that is over now and was in force then, or None where it is forgotten."""
    known = (closed for closed in reversed(lead.past) if closed.decided_at <= occurred_at)
    return next(known, None)


def with_closed(past: tuple[Closed, ...], decision: InForce, **outcome: object) -> tuple[Closed, ...]:
    """The past with one more decision and what came of it."""
    closed = Closed(
        decision.decision_id, decision.state, decision.action, decision.decided_at, decision.teaches
    )
    return (*past, replace(closed, **outcome))[-KEPT:]  # type: ignore[arg-type]  # fields of Closed


def with_outcome(past: tuple[Closed, ...], of: Closed, **outcome: object) -> tuple[Closed, ...]:
    """The past with something more that came of one of its decisions."""
    changed = replace(of, **outcome)  # type: ignore[arg-type]  # fields of Closed
    return tuple(changed if closed is of else closed for closed in past)
