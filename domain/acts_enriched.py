"""Acts once more, for the decider: all but their words and who told them."""

from dataclasses import dataclass
from datetime import datetime

from domain.events import InteractionEnriched, LeadEnriched, LeadPatchEnriched
from domain.vocabulary import Consent, OperatorAnswer, Payment, ReminderAnswer, Status, Told


@dataclass(frozen=True, slots=True)
class ConsentEnriched:
    """A consent, without its reason's words."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    guardian_id: str | None
    consent: Consent
    false_detection: bool


@dataclass(frozen=True, slots=True)
class EnrolmentEnriched:
    """An enrolment of the academy's records."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class AttendanceEnriched:
    """A session of the academy's records."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    attended: bool


@dataclass(frozen=True, slots=True)
class PaymentEnriched:
    """A payment of the academy's records."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    outcome: Payment


@dataclass(frozen=True, slots=True)
class StatusEnriched:
    """An operator's word on the status."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    status: Status
    kind: Told


@dataclass(frozen=True, slots=True)
class AnswerEnriched:
    """An operator's word on one decision."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    decision_id: str
    answer: OperatorAnswer
    action: str | None


@dataclass(frozen=True, slots=True)
class ReminderSetEnriched:
    """A reminder, without its note."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    due_at: datetime
    decision_id: str | None


@dataclass(frozen=True, slots=True)
class ReminderAnsweredEnriched:
    """An operator's word on one reminder."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    reminder_id: str
    answer: ReminderAnswer
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ErasureEnriched:
    """Somebody is to be forgotten; without a subject the whole household."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    subject: str | None


ActsEnriched = (
    ConsentEnriched
    | EnrolmentEnriched
    | AttendanceEnriched
    | PaymentEnriched
    | StatusEnriched
    | AnswerEnriched
    | ReminderSetEnriched
    | ReminderAnsweredEnriched
    | ErasureEnriched
)
FromLead = LeadEnriched | LeadPatchEnriched | InteractionEnriched | ActsEnriched
"""Everything on `enriched` that answers one input for the first time, but time."""
