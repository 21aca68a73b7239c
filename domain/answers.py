"""What a record, an interaction, a repeat or time does to a household, and whether it closes the decision (D1-D4)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.actions import ACTIONS
from domain.context import as_interaction, is_out_of_order, with_interaction, with_record, with_words
from domain.effects import Effect, Noted, Reopened
from domain.events import (
    ConversationEnriched,
    InteractionEnriched,
    LeadEnriched,
    LeadPatchEnriched,
    Repeated,
    derived_id,
)
from domain.moves import Cause as Move
from domain.moves import causes, path
from domain.overrides import override
from domain.parameters import Parameters
from domain.reminders import carried_out, fired
from domain.reviews import reviewed
from domain.states import Lead, changed
from domain.transitions import Cause, Passage, closing
from domain.vocabulary import Channel, Direction, Status, Verdict

UNKNOWN_LEAD = "lead_without_record"
"""Reason of a decision for a household that nobody has recorded: it is created as `new`."""
TOLD_LATE = "told_late"
"""Reason of a decision after an interaction that took place before others which are known already."""


def cause_of(event: LeadEnriched | LeadPatchEnriched | InteractionEnriched, now: datetime) -> Cause:
    """The input as the cause of what follows."""
    return Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)


def on_lead(
    lead: Lead | None, event: LeadEnriched | LeadPatchEnriched, now: datetime, parameters: Parameters
) -> Effect:
    """A record: whoever has no decision yet gets the first; an update decides only where compliance changes."""
    cause = cause_of(event, now)
    before = lead or Lead(event.lead_id)
    after = with_record(before, event)
    if before.in_force is not None and override(before) == override(after):
        return Noted(after, cause, Verdict.NONE, "record_updated")
    after = reviewed(before, after, cause)
    return reopened(Passage(before, after, cause, parameters), (before.status,))


def on_interaction(
    lead: Lead | None, event: InteractionEnriched, now: datetime, parameters: Parameters
) -> Effect:
    """A contact: carries the decision in force out, closes it, or both (D2, D3); a refusal in it closes, too.

    A buffered message closes nothing but by a refusal: its conversation does (D6).
    """
    cause = cause_of(event, now)
    before = _carried_out(lead or Lead(event.lead_id), event)
    late = is_out_of_order(before, event)
    passed = (before.status,) if event.buffered else _passed(before, event, parameters, late=late)
    after = moved(with_interaction(before, event, parameters), passed[-1], now, parameters)
    after = reviewed(before, after, cause, None if event.buffered else event)
    answered = event.direction is Direction.INBOUND or event.channel is Channel.VOICE
    waits = event.buffered or not answered
    if waits and before.in_force is not None and override(before) == override(after):
        return Noted(after, cause, Verdict.NONE, "outbound_recorded" if not answered else "conversation_open")
    return reopened(Passage(before, after, cause, parameters), passed, reason=_odd(lead, late=late))


def on_conversation(
    lead: Lead | None, event: ConversationEnriched, now: datetime, parameters: Parameters
) -> Effect:
    """What was read in a person's SMS: where the family wrote, it closes the decision in force (D1, D6)."""
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    before = lead or Lead(event.lead_id)
    talk = as_interaction(event)
    if talk.direction is Direction.OUTBOUND and before.in_force is not None:
        return Noted(before, cause, Verdict.NONE, "outbound_recorded")
    late = is_out_of_order(before, talk)
    passed = _passed(before, talk, parameters, late=late)
    after = moved(with_words(before, talk, late=late), passed[-1], now, parameters)
    after = reviewed(before, after, cause, talk)
    return reopened(Passage(before, after, cause, parameters), passed, reason=_odd(lead, late=late))


def on_repeat(lead: Lead | None, event: Repeated, now: datetime, _parameters: Parameters) -> Effect:
    """An id that was seen before is answered, and changes nothing (architecture 2.8)."""
    cause = Cause(event.event_id, event.root_offset, now, event.recorded_at)
    before = lead or Lead(event.lead_id)
    return Noted(before, cause, event.verdict, "event_id_seen_before", repeats=event.cause_event_id)


def on_time(lead: Lead, due: datetime, now: datetime, root_offset: int, parameters: Parameters) -> Effect:
    """A wake: the decision in force expired, the status decayed, or reminders are due (D4, S3)."""
    wake = derived_id(lead.lead_id, due.isoformat(), "wake", lead.sequence)
    cause = Cause(wake, root_offset, now, due)
    lead, reminders = fired(lead, now)
    expires = lead.in_force.expires_at if lead.in_force else None
    if reminders and not any(at is not None and at <= now for at in (expires, lead.decays_at)):
        return Noted(lead, cause, Verdict.NONE, "reminder_due", reminders)
    decayed = lead.decays_at is not None and lead.decays_at <= now
    passed = path(lead.status, (Move.DECAYED,) if decayed else ())
    after = moved(lead, passed[-1], now, parameters)
    kind = "organic" if len(passed) > 1 else "expiry"
    opened = reopened(Passage(lead, after, cause, parameters), passed, kind=kind)
    return replace(opened, reminders=reminders)


def reopened(
    passage: Passage, path: tuple[Status, ...], kind: str = "organic", reason: str | None = None
) -> Reopened:
    """The decision in force closes, for whatever the path of statuses is worth."""
    return Reopened(passage, closing(passage, path, kind), reason)


def moved(lead: Lead, to: Status, now: datetime, parameters: Parameters) -> Lead:
    """The lead in another status, and when silence alone will move it on."""
    if to is lead.status:
        return lead
    decays = to in (Status.ENROLLED, Status.AT_RISK)
    decays_at = now + timedelta(days=parameters.decay_days) if decays else None
    return changed(lead, status=to, since=now, decays_at=decays_at)


def _passed(
    lead: Lead, event: InteractionEnriched, parameters: Parameters, *, late: bool
) -> tuple[Status, ...]:
    """The statuses that a contact passes through; one that is told late only says that there was one."""
    given = tuple(each for each in causes(event, parameters) if not late or each is Move.TWO_WAY)
    return path(lead.status, given)


def _odd(lead: Lead | None, *, late: bool) -> str | None:
    """What a reader of the decision must know of its cause."""
    return UNKNOWN_LEAD if lead is None else TOLD_LATE if late else None


def _carried_out(lead: Lead, event: InteractionEnriched) -> Lead:
    """An outbound contact carries out the decision that it names, else one on its channel (D2)."""
    decision = lead.in_force
    if decision is None or event.direction is Direction.INBOUND:
        return lead
    named = event.decision_id == decision.decision_id
    fits = event.decision_id is None and event.channel in ACTIONS[decision.action].executes
    if not (named or (fits and event.occurred_at >= decision.decided_at)):
        return lead
    return carried_out(lead, decision.action)
