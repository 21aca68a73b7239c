"""One input, one answer: what closes, what is learned from it, and what is decided next (D1-D4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.actions import ACTIONS, STOP, WAIT, Action, verdicts
from domain.briefs import active_signals, brief
from domain.buckets import bucket, state_of
from domain.contact import schedule
from domain.context import with_interaction, with_record
from domain.events import InteractionEnriched, LeadEnriched, Repeated, derived_id
from domain.overrides import override
from domain.parameters import Parameters
from domain.policies import chosen, score
from domain.q_learning import Values
from domain.records import ActionVerdict, Contact, Decision, Transition
from domain.states import Cause as Move
from domain.states import InForce, Lead, causes, path
from domain.transitions import Cause, closing, stopping
from domain.vocabulary import Channel, Direction, Status, Verdict

LOGIC_VERSION = "1"
"""Moves when the same input would be answered differently; a replay under another one says so."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a decision may look at besides the lead: the values as they stand, and the parameters in force."""

    values: Values
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Answer:
    """The lead after the input, the decision or verdict, and the transitions that it closes."""

    lead: Lead
    decision: Decision
    transitions: tuple[Transition, ...] = ()


def on_lead(lead: Lead | None, event: LeadEnriched, now: datetime, learned: Learned) -> Answer:
    """A record: a new lead gets its first decision; an update decides only where compliance changes."""
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    before = lead or Lead(event.lead_id)
    after = with_record(before, event)
    if lead is not None and override(before) == override(after):
        return _verdict(after, cause, Verdict.NONE, "record_updated", learned)
    return _next(before, after, (before.status,), cause, learned)


def on_interaction(lead: Lead | None, event: InteractionEnriched, now: datetime, learned: Learned) -> Answer:
    """A contact: carries the decision in force out, closes it, or both (D2, D3)."""
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    before = _carried_out(lead or Lead(event.lead_id), event)
    passed = path(before.status, causes(event, learned.parameters))
    after = _moved(with_interaction(before, event), passed, now, learned.parameters)
    answered = event.direction is Direction.INBOUND or event.channel is Channel.VOICE
    if not answered and before.in_force is not None:
        return _verdict(after, cause, Verdict.NONE, "outbound_recorded", learned)
    return _next(before, after, passed, cause, learned)


def on_repeat(lead: Lead | None, event: Repeated, now: datetime, learned: Learned) -> Answer:
    """An id that was seen before is answered, and changes nothing (architecture 2.8)."""
    cause = Cause(event.event_id, event.root_offset, now, event.recorded_at)
    answer = _verdict(lead or Lead(event.lead_id), cause, event.verdict, "event_id_seen_before", learned)
    return replace(answer, decision=replace(answer.decision, cause_event_id=event.cause_event_id))


def on_time(lead: Lead, due: datetime, now: datetime, root_offset: int, learned: Learned) -> Answer:
    """A wake: the decision in force expired, or the status decayed (D4, S3)."""
    wake = derived_id(lead.lead_id, due.isoformat(), "wake", lead.sequence)
    cause = Cause(wake, root_offset, now, due)
    decayed = lead.decays_at is not None and lead.decays_at <= now
    passed = path(lead.status, (Move.DECAYED,) if decayed else ())
    after = _moved(lead, passed, now, learned.parameters)
    return _next(lead, after, passed, cause, learned, kind="organic" if len(passed) > 1 else "expiry")


def _carried_out(lead: Lead, event: InteractionEnriched) -> Lead:
    """An outbound contact carries out the decision that it names, else one on its channel (D2)."""
    decision = lead.in_force
    if decision is None or event.direction is Direction.INBOUND:
        return lead
    named = event.decision_id == decision.decision_id
    fits = event.decision_id is None and event.channel in ACTIONS[decision.action].channels
    if not (named or fits):
        return lead
    return replace(lead, in_force=replace(decision, executed_action=decision.action))


def _moved(lead: Lead, passed: tuple[Status, ...], now: datetime, parameters: Parameters) -> Lead:
    if len(passed) == 1:
        return lead
    decays = passed[-1] in (Status.ENROLLED, Status.AT_RISK)
    return replace(
        lead, status=passed[-1], decays_at=now + timedelta(days=parameters.decay_days) if decays else None
    )


def _verdict(lead: Lead, cause: Cause, verdict: Verdict, reason: str, learned: Learned) -> Answer:
    decision = replace(_record(lead, cause, learned.parameters, "answer"), verdict=verdict, reason=reason)
    return Answer(replace(lead, sequence=lead.sequence + 1), decision)


def _record(lead: Lead, cause: Cause, parameters: Parameters, role: str) -> Decision:
    """The fields that every answer has."""
    return Decision(
        decision_id=derived_id(lead.lead_id, cause.event_id, role),
        lead_id=lead.lead_id,
        cause_event_id=cause.event_id,
        root_offset=cause.root_offset,
        sequence=lead.sequence,
        verdict=Verdict.DECISION,
        reason=None,
        decided_at=cause.now,
        status=lead.status,
        bucket=bucket(lead, cause.now, parameters),
        state=state_of(lead, cause.now, parameters),
        parameters_version=parameters.version,
        logic_version=LOGIC_VERSION,
    )


def _next(
    before: Lead,
    after: Lead,
    passed: tuple[Status, ...],
    cause: Cause,
    learned: Learned,
    kind: str = "organic",
) -> Answer:
    closed = closing(before, after, passed, cause, learned.parameters, kind)
    decided = _decide(after, cause, learned)
    return replace(decided, transitions=((closed,) if closed else ()) + decided.transitions)


def _decide(lead: Lead, cause: Cause, learned: Learned) -> Answer:
    parameters, now = learned.parameters, cause.now
    forced = override(lead)
    actions = _scored(lead, now, learned, forced)
    action = ACTIONS[chosen(actions)]
    signals = active_signals(lead, now, parameters)
    scheduled, contact = _when(lead, action, now, parameters)
    decision = replace(
        _record(lead, cause, parameters, "decision"),
        expires_at=None if forced else _expiry(lead, action, scheduled or now, parameters),
        action=action.name,
        channel=_channel(lead, action),
        scheduled_for=scheduled,
        policy_id=parameters.policy_id,
        policy_version=parameters.policy_version,
        table_id=parameters.table_id,
        table_version=learned.values.version,
        mode=parameters.mode,
        arm=parameters.policy_id,
        arm_weight=1.0,
        override=forced[1] if forced else None,
        actions=actions,
        signals=signals,
        contact=contact,
        brief=brief(action, signals),
        supersedes=lead.in_force.decision_id if lead.in_force else None,
    )
    stops = action.name == STOP and not forced
    in_force = _in_force(decision, teaches=not forced and not stops)
    taught = (stopping(lead, in_force, cause, parameters),) if stops else ()
    return Answer(replace(lead, in_force=in_force, sequence=lead.sequence + 1), decision, taught)


def _scored(
    lead: Lead, now: datetime, learned: Learned, forced: tuple[str, str] | None
) -> tuple[ActionVerdict, ...]:
    refusals = verdicts(lead, now, learned.parameters)
    if forced:
        action, rule = forced
        refusals = {name: None if name == action else f"overridden:{rule}" for name in refusals}
    return score(state_of(lead, now, learned.parameters), refusals, learned.values, learned.parameters)


def _in_force(decision: Decision, *, teaches: bool) -> InForce:
    return InForce(
        decision_id=decision.decision_id,
        state=decision.state,
        action=decision.action or WAIT,
        decided_at=decision.decided_at,
        expires_at=decision.expires_at,
        policy_version=decision.policy_version or 0,
        mode=decision.mode or "",
        arm=decision.arm or "",
        teaches=teaches,
    )


def _channel(lead: Lead, action: Action) -> Channel | None:
    """The action's first channel; after failures the first that did not fail."""
    failed = lead.attempt.channel if lead.attempt and lead.attempt.failed_in_row >= 2 else None
    return next((channel for channel in action.channels if channel is not failed), None)


def _when(
    lead: Lead, action: Action, now: datetime, parameters: Parameters
) -> tuple[datetime | None, Contact | None]:
    if not action.channels:
        return None, None
    return schedule(lead, now + timedelta(hours=action.after_hours), now, parameters)


def _expiry(lead: Lead, action: Action, since: datetime, parameters: Parameters) -> datetime | None:
    if action.name == STOP:
        return None
    if action.name == WAIT:
        days = parameters.reply_days if _awaiting_reply(lead) else parameters.wait_days
        return since + timedelta(days=days)
    return since + timedelta(hours=parameters.decision_hours)


def _awaiting_reply(lead: Lead) -> bool:
    attempt = lead.attempt
    if attempt is None or attempt.channel is Channel.VOICE:
        return False
    return lead.inbound_at is None or lead.inbound_at < attempt.at
