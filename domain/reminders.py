"""Reminders: what operators ask for, what a decision brings with its moment, and what becomes of each (X1)."""

from dataclasses import replace
from datetime import datetime

from domain.acts_enriched import ReminderAnsweredEnriched, ReminderSetEnriched
from domain.effects import Effect, Noted
from domain.parameters import Parameters
from domain.states import Lead, Reminder, changed
from domain.transitions import Cause
from domain.vocabulary import ReminderAnswer, Verdict

MOST = 20
"""Open reminders of one household; who has more reads none of them."""


def on_reminder(
    lead: Lead | None, event: ReminderSetEnriched, now: datetime, _parameters: Parameters
) -> Effect:
    """One more reminder, credited to the decision that it names, else to the one in force."""
    before = lead or Lead(event.lead_id)
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    if len(before.reminders) >= MOST:
        return Noted(before, cause, Verdict.NONE, "too_many_reminders")
    in_force = before.in_force.decision_id if before.in_force else None
    added = Reminder(event.cause_event_id, event.due_at, event.decision_id or in_force)
    after = replace(before, reminders=(*before.reminders, added))
    return _applied(after, cause, "reminder_set")


def on_reminder_answer(
    lead: Lead | None, event: ReminderAnsweredEnriched, now: datetime, _parameters: Parameters
) -> Effect:
    """A reminder is moved, dropped, or done; what is done was carried out, if its decision is in force."""
    before = lead or Lead(event.lead_id)
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    known = next((one for one in before.reminders if one.reminder_id == event.reminder_id), None)
    if known is None:
        return Noted(before, cause, Verdict.ALREADY, "reminder_not_open")
    others = tuple(one for one in before.reminders if one is not known)
    if event.answer is ReminderAnswer.SNOOZED:
        moved = replace(known, due_at=event.until or known.due_at, fired=False)
        after = replace(before, reminders=(*others, moved))
    else:
        after = replace(before, reminders=others)
    if event.answer is ReminderAnswer.DONE:
        after = _done(after, known)
    return _applied(after, cause, event.answer.value)


def fired(lead: Lead, now: datetime) -> tuple[Lead, tuple[str, ...]]:
    """The household with every reminder fired whose moment has come, and the ids of those."""
    due = [one for one in lead.reminders if not one.fired and one.due_at <= now]
    if not due:
        return lead, ()
    kept = tuple(replace(one, fired=True) if one in due else one for one in lead.reminders)
    return changed(lead, reminders=kept), tuple(one.reminder_id for one in due)


def _applied(lead: Lead, cause: Cause, reason: str) -> Effect:
    """The act's verdict; a reminder whose moment is past is due with it."""
    after, due = fired(lead, cause.now)
    return Noted(after, cause, Verdict.APPLIED, reason, due)


def carried_out(lead: Lead, action: str) -> Lead:
    """The decision in force was carried out by this action: it need not remind of itself any more."""
    decision = lead.in_force
    if decision is None:
        return lead
    kept = tuple(one for one in lead.reminders if one.reminder_id != decision.decision_id)
    return changed(lead, in_force=replace(decision, executed_action=action), reminders=kept)


def _done(lead: Lead, reminder: Reminder) -> Lead:
    decision = lead.in_force
    if decision is None or decision.decision_id != reminder.decision_id or decision.executed_action:
        return lead
    return carried_out(lead, decision.action)
