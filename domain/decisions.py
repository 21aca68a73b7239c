"""A decision: the action that masks, values and compliance leave, with everything that it rests on (D4, P1)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.actions import ACTIONS, STOP, WAIT, Action, verdicts
from domain.briefs import active_signals, brief
from domain.buckets import bucket, named
from domain.contact import schedule
from domain.effects import Effect, Noted
from domain.events import derived_id
from domain.hints import hint
from domain.overrides import override
from domain.parameters import Parameters
from domain.policies import Learned, Selection, Situation, select
from domain.records import Answered, Contact, Decision, Ruling, Transition
from domain.states import InForce, Lead, Reminder, changed
from domain.transitions import Cause, stopping, transition
from domain.vocabulary import Channel, Verdict

LIVE, PROMOTED = "live", "promoted"
"""Modes of a decision: from the values as they stand, or from a snapshot (P1)."""

LOGIC_VERSION = "3"
"""Moves when the same input would be answered differently; a replay under another one says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The lead after the input, the decision or verdict, and the transitions that it closes."""

    lead: Lead
    decision: Decision
    transitions: tuple[Transition, ...] = ()


def answered(effect: Effect, learned: Learned) -> Answer:
    """The answer to an input that did this."""
    if isinstance(effect, Noted):
        return _noted(effect, learned.parameters)
    passage, due = effect.passage, effect.reminders
    decision = decide(passage.after, passage.cause, learned, effect.reason)
    if due:
        decision = replace(decision, reminders=(*due, *decision.reminders))
    lessons = effect.taught.lessons
    if decision.action == STOP and decision.override is None:
        lessons = (*lessons, stopping(_in_force(decision), learned.parameters))
    taught = tuple(transition(passage, lesson) for lesson in lessons)
    return Answer(_after(passage.after, decision, effect.taught.past), decision, taught)


def adopted(effect: Effect, ruling: Ruling) -> Lead:
    """The household after an input that did this and its answer as recorded, whatever would be answered now.

    Where no decision was made the one in force is not over.
    """
    if isinstance(effect, Noted):
        return _after(effect.lead, ruling)
    return _after(effect.passage.after, ruling, effect.taught.past)


def _noted(noted: Noted, parameters: Parameters) -> Answer:
    """A verdict decides nothing; the decision in force stays."""
    common = _common(noted.lead, noted.cause, parameters, "answer")
    common["cause_event_id"] = noted.repeats or noted.cause.event_id
    said = Decision(**common, verdict=noted.verdict, reason=noted.reason, reminders=noted.reminders)
    return Answer(_after(noted.lead, said), said)


def decide(lead: Lead, cause: Cause, learned: Learned, reason: str | None = None) -> Decision:
    """The next decision for a lead, superseding the one in force; `reason` says what was odd about its cause."""
    parameters, now = learned.parameters, cause.now
    forced = override(lead)
    common = _common(lead, cause, parameters, "decision")
    refusals = _refusals(lead, now, parameters, forced)
    hinted = None if forced else hint(lead, common["bucket"], now, parameters)
    at = Situation(lead, common["bucket"], common["decision_id"], refusals, hinted)
    selected = select(at, learned)
    action = ACTIONS[selected.action]
    signals = active_signals(lead, now, parameters)
    scheduled, contact = _when(lead, action, now, parameters)
    due = scheduled is not None and scheduled <= now
    return Decision(
        **common,
        verdict=Verdict.DECISION,
        reason=reason,
        expires_at=None if forced else _expiry(lead, action, scheduled or now, parameters),
        action=action.name,
        channel=_channel(lead, action),
        scheduled_for=scheduled,
        **_choice(selected, hinted, parameters),
        override=forced[1] if forced else None,
        signals=signals,
        contact=contact,
        brief=brief(action, signals),
        supersedes=lead.in_force.decision_id if lead.in_force else None,
        reminders=(common["decision_id"],) if due else (),
    )


def _after(lead: Lead, answer: Answered, past: str | None = None) -> Lead:
    """The household after its answer: the next one has the next number; a decision is in force, what was is past."""
    sequence = lead.sequence + 1
    if answer.verdict is not Verdict.DECISION:
        return changed(lead, sequence=sequence)
    return changed(
        lead,
        in_force=_in_force(answer),
        past=lead.past if past is None else past,
        reminders=_reminders(lead, answer),
        sequence=sequence,
    )


def _reminders(lead: Lead, decision: Answered) -> tuple[Reminder, ...]:
    """A contact reminds of itself at its moment; the reminder of the decision before goes with that one."""
    over = None if lead.in_force is None else lead.in_force.decision_id
    kept = tuple(one for one in lead.reminders if one.reminder_id != over)
    moment = decision.scheduled_for
    if moment is None:
        return kept
    own = Reminder(decision.decision_id, moment, decision.decision_id, fired=moment <= decision.decided_at)
    return (*kept, own)


def _common(lead: Lead, cause: Cause, parameters: Parameters, role: str) -> dict[str, Any]:
    """The fields that every answer has."""
    about = bucket(lead, cause.now, parameters)
    return {
        "decision_id": derived_id(lead.lead_id, cause.event_id, role),
        "lead_id": lead.lead_id,
        "cause_event_id": cause.event_id,
        "root_offset": cause.root_offset,
        "sequence": lead.sequence,
        "decided_at": cause.now,
        "status": lead.status,
        "bucket": about,
        "state": named(lead.status, about),
        "parameters_version": parameters.version,
        "logic_version": LOGIC_VERSION,
    }


def _choice(selected: Selection, hinted: str | None, parameters: Parameters) -> dict[str, Any]:
    """The fields that say what chose the action."""
    basis = selected.basis
    return {
        "policy_id": selected.policy_id,
        "policy_version": basis.snapshot or parameters.policy_version,
        "table_id": parameters.table_id,
        "table_version": basis.values.version,
        "mode": PROMOTED if basis.snapshot else LIVE,
        "arm": selected.arm.policy_id,
        "arm_weight": selected.arm.weight,
        "experiment": parameters.experiment.id if parameters.experiment else None,
        "explored": selected.explored,
        "exploration": selected.exploration,
        "hint": hinted,
        "hinted": selected.hinted,
        "actions": selected.actions,
    }


def _refusals(
    lead: Lead, now: datetime, parameters: Parameters, forced: tuple[str, str] | None
) -> dict[str, str | None]:
    refusals = verdicts(lead, now, parameters)
    if forced is None:
        return refusals
    action, rule = forced
    return {name: None if name == action else f"overridden:{rule}" for name in refusals}


def _in_force(decision: Answered) -> InForce:
    """An override teaches nothing, and a stop has taught."""
    return InForce(
        decision_id=decision.decision_id,
        state=decision.state,
        action=decision.action or WAIT,
        decided_at=decision.decided_at,
        expires_at=decision.expires_at,
        policy_version=decision.policy_version or 0,
        mode=decision.mode or "",
        arm=decision.arm or "",
        teaches=decision.override is None and decision.action != STOP,
    )


def _channel(lead: Lead, action: Action) -> Channel | None:
    """The action's first channel; after failures the first that did not fail, if it has another."""
    failed = lead.attempt.channel if lead.attempt and lead.attempt.failed_in_row >= 2 else None
    open_channels = [channel for channel in action.channels if channel is not failed] or action.channels
    return next(iter(open_channels), None)


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
