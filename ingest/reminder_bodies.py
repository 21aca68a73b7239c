"""What operators ask to be reminded of, and what they say to a reminder, checked field by field."""

from uuid import UUID

from pydantic import AwareDatetime

from ingest.act_bodies import ActBody, Words
from ingest.bodies import Id


class ReminderBody(ActBody):
    """A household is to be remembered at a moment; the event's id is the reminder's."""

    lead_id: Id
    """The household, by an opaque id."""
    due_at: AwareDatetime
    """When to remind, with its offset; not before `occurred_at`, and within a year."""
    note: Words | None = None
    decision_id: UUID | None = None
    """The decision that an act on it is credited to; absent: the one in force."""


class ReminderAnswerBody(ActBody):
    """Common to what is said to a reminder."""


class SnoozeBody(ReminderAnswerBody):
    """The reminder is due again at another moment."""

    until: AwareDatetime
    """When to remind again, with its offset; not before `occurred_at`, and within a year."""


class DismissalBody(ReminderAnswerBody):
    """The reminder is dropped; nothing was done."""


class DoneBody(ReminderAnswerBody):
    """What the reminder is about was done; its decision, if it is in force, was carried out."""
