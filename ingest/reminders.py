"""A checked word on a reminder to one record ready for Kafka."""

from datetime import datetime
from functools import partial

from domain.acts import ReminderAnswered, ReminderSet
from domain.vocabulary import ReminderAnswer
from ingest.acts import told
from ingest.intake import Intake, Origin, accept
from ingest.normalise import Seal, Stamp, body_hash, maybe, planned
from ingest.reminder_bodies import DismissalBody, DoneBody, ReminderAnswerBody, ReminderBody, SnoozeBody
from runtime.keys import Keyring, household


def accept_reminder(body: ReminderBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a reminder that an operator asks for.

    Raises normalise.Implausible for its times, NotReady if a key cannot be had, keys.Erased if it was destroyed.
    """
    return accept(body, origin, now, keys, _reminder)


def accept_reminder_answer(
    lead_id: str, reminder_id: str, body: ReminderAnswerBody, origin: Origin, now: datetime, keys: Keyring
) -> Intake:
    """The record of what an operator says to one reminder of this household; raises the same."""
    return accept(body, origin, now, keys, partial(_answer, lead_id, reminder_id))


def _reminder(body: ReminderBody, stamp: Stamp, seal: Seal) -> ReminderSet:
    home, about = household(body.lead_id), told(body.lead_id, body, stamp)
    due = planned("due_at", body.due_at, about["occurred_at"], stamp)
    return ReminderSet(
        **about,
        due_at=due,
        decision_id=None if body.decision_id is None else str(body.decision_id),
        note=maybe(seal, home, "note", body.note),
        actor=stamp.actor,
        body_hash=body_hash(body.model_copy(update={"due_at": due}), home, seal, "reminder"),
    )


def _answer(
    lead_id: str, reminder_id: str, body: ReminderAnswerBody, stamp: Stamp, seal: Seal
) -> ReminderAnswered:
    home, answer, about = household(lead_id), ANSWERS[type(body)], told(lead_id, body, stamp)
    until = None
    if isinstance(body, SnoozeBody):
        until = planned("until", body.until, about["occurred_at"], stamp)
        body = body.model_copy(update={"until": until})
    return ReminderAnswered(
        **about,
        reminder_id=reminder_id,
        answer=answer,
        until=until,
        actor=stamp.actor,
        body_hash=body_hash(body, home, seal, answer, reminder_id),
    )


ANSWERS: dict[type[ReminderAnswerBody], ReminderAnswer] = {
    SnoozeBody: ReminderAnswer.SNOOZED,
    DismissalBody: ReminderAnswer.DISMISSED,
    DoneBody: ReminderAnswer.DONE,
}
"""What each body says."""
