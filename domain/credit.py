"""Whose outcome it is: an event credits the decision that was in force when it took place (D7).

A household's past decisions are one string, a line each: read seldom, written with every state.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.states import InForce, Lead
from domain.vocabulary import Status

KEPT = 16
"""Decisions that a household remembers; what is heard of an older one teaches nothing, and is recorded so."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """A decision that is over, for what is heard of it later.

    `earned` is what its steps of status were worth, `refused` what a refusal of all contact was.
    """

    decision_id: str
    state: str
    action: str
    decided_at: datetime
    teaches: bool
    moved_to: Status | None = None
    earned: float = 0.0
    refused: float = 0.0
    rejected: bool = False


def closed(past: str) -> tuple[Closed, ...]:
    """The decisions of a past, oldest first."""
    return tuple(_read(line) for line in past.splitlines())


def is_current(lead: Lead, occurred_at: datetime) -> bool:
    """Whether the decision in force was made by then; also where there was never any."""
    if lead.in_force is None:
        return not lead.past
    return lead.in_force.decided_at <= occurred_at


def earlier(past: str, occurred_at: datetime) -> Closed | None:
    """The decision that is over now and was in force then, or None where it is forgotten."""
    known = (one for one in reversed(closed(past)) if one.decided_at <= occurred_at)
    return next(known, None)


def with_closed(past: str, decision: InForce, **outcome: Any) -> str:
    """The past with one more decision and what came of it."""
    made = (decision.decision_id, decision.state, decision.action, decision.decided_at, decision.teaches)
    lines = (*past.splitlines(), _line(Closed(*made, **outcome)))
    return "\n".join(lines[-KEPT:])


def with_outcome(past: str, of: Closed, **outcome: Any) -> str:
    """The past with something more that came of one of its decisions."""
    changed = _line(replace(of, **outcome))
    return "\n".join(changed if line.startswith(of.decision_id) else line for line in past.splitlines())


def _line(one: Closed) -> str:
    at = (one.decided_at - _EPOCH) // _MICROSECOND
    moved = one.moved_to.value if one.moved_to else ""
    flags = f"{one.teaches:d}|{moved}|{one.earned!r}|{one.refused!r}|{one.rejected:d}"
    return f"{one.decision_id}|{one.state}|{one.action}|{at}|{flags}"


def _read(line: str) -> Closed:
    decision_id, state, action, at, teaches, moved, earned, refused, rejected = line.split("|")
    return Closed(
        decision_id,
        state,
        action,
        _EPOCH + int(at) * _MICROSECOND,
        teaches == "1",
        Status(moved) if moved else None,
        float(earned),
        float(refused),
        rejected == "1",
    )
