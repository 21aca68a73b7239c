"""What one decision led to, as the single transition that closes it (D3, D4, L1)."""

from dataclasses import dataclass
from datetime import datetime

from domain.actions import allowed
from domain.buckets import state_of
from domain.events import derived_id
from domain.parameters import Parameters
from domain.records import Hop, Transition
from domain.rewards import hops, total
from domain.states import InForce, Lead
from domain.vocabulary import Consent, Status


@dataclass(frozen=True, slots=True)
class Cause:
    """The input that closes a decision, or moves a status: its id, place and times."""

    event_id: str
    root_offset: int
    now: datetime
    occurred_at: datetime


def closing(
    before: Lead, after: Lead, path: tuple[Status, ...], cause: Cause, parameters: Parameters, kind: str
) -> Transition | None:
    """The transition from the decision in force to the state after the cause, or None where nothing happened.

    Without a decision that teaches, a moved status is recorded with action null and teaches nothing (D5).
    """
    steps = hops(path, parameters.rewards)
    closed = before.in_force if before.in_force and before.in_force.teaches else None
    if closed is None and not steps:
        return None
    opted_out = after.consent is Consent.OPTED_OUT and before.consent is not Consent.OPTED_OUT
    terminal = after.status is Status.DECLINED or after.consent is Consent.OPTED_OUT
    return _transition(
        closed,
        cause,
        before=before,
        kind=kind,
        steps=steps,
        reward=total(steps, opted_out=opted_out, rewards=parameters.rewards),
        to_state=state_of(after, cause.now, parameters),
        next_actions=() if terminal else allowed(after, cause.now, parameters),
        parameters=parameters,
    )


def stopping(lead: Lead, stop: InForce, cause: Cause, parameters: Parameters) -> Transition:
    """The terminal transition of a `stop` that learning chose (D4)."""
    return _transition(
        stop,
        cause,
        before=lead,
        kind="organic",
        steps=(),
        reward=parameters.rewards.stopped,
        to_state=stop.state,
        next_actions=(),
        parameters=parameters,
    )


def _transition(  # noqa: PLR0913 - one record is filled in one place
    closed: InForce | None,
    cause: Cause,
    *,
    before: Lead,
    kind: str,
    steps: tuple[Hop, ...],
    reward: float,
    to_state: str,
    next_actions: tuple[str, ...],
    parameters: Parameters,
) -> Transition:
    role = f"transition:{closed.decision_id if closed else ''}"
    return Transition(
        transition_id=derived_id(before.lead_id, cause.event_id, role),
        lead_id=before.lead_id,
        decision_id=closed.decision_id if closed else None,
        cause_event_id=cause.event_id,
        root_offset=cause.root_offset,
        table_id=parameters.table_id,
        kind=kind,
        from_state=closed.state if closed else state_of(before, cause.now, parameters),
        action=closed.action if closed else None,
        hops=steps,
        reward=reward,
        to_state=to_state,
        next_actions=next_actions,
        terminal=not next_actions,
        elapsed_s=(cause.now - closed.decided_at).total_seconds() if closed else 0.0,
        rewards_version=parameters.rewards.version,
        executed_action=closed.executed_action if closed else None,
        policy_version=closed.policy_version if closed else None,
        mode=closed.mode if closed else None,
        arm=closed.arm if closed else None,
        recorded_at=cause.now,
        occurred_at=cause.occurred_at,
    )
