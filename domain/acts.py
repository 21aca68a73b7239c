"""What is told of a lead beside its record and its interactions, by the academy's records or by an operator."""

from dataclasses import dataclass
from datetime import datetime

from domain.events import InteractionRecorded, LeadPatched, LeadRecorded, Sealed
from domain.vocabulary import Consent, OperatorAnswer, Payment, ReminderAnswer, Status, Told


@dataclass(frozen=True, slots=True)
class ConsentTold:
    """A consent as the family states it, or the undoing of a refusal that was misread (S1).

    Without a guardian it is that of the whole household.
    """

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    guardian_id: str | None
    consent: Consent
    false_detection: bool
    reason: Sealed | None
    actor: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class EnrolmentTold:
    """The academy's records say that a child is enrolled (S3)."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    child_id: str | None
    external_ref: Sealed | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class AttendanceTold:
    """The academy's records say that a child came to a session, or did not (S3)."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    child_id: str | None
    attended: bool
    external_ref: Sealed | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """The academy's records say what came of a payment (S3)."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    outcome: Payment
    external_ref: Sealed | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class StatusTold:
    """An operator states the status: it happened elsewhere, or it was misread (S5)."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    status: Status
    kind: Told
    reason: Sealed | None
    actor: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class DecisionAnswered:
    """An operator's word on one decision; `action` is what was executed instead of or as proposed."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    decision_id: str
    answer: OperatorAnswer
    action: str | None
    reason: Sealed | None
    note: Sealed | None
    actor: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class ReminderSet:
    """An operator asks to be reminded of a household; the event's id is the reminder's."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    due_at: datetime
    decision_id: str | None
    note: Sealed | None
    actor: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class ReminderAnswered:
    """An operator's word on one reminder; `until` is the new moment of one that is snoozed."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    reminder_id: str
    answer: ReminderAnswer
    until: datetime | None
    actor: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class ErasureTold:
    """A person of a household, or the whole of it, asks to be forgotten."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    subject: str | None
    actor: str
    body_hash: bytes


Acts = (
    ConsentTold
    | EnrolmentTold
    | AttendanceTold
    | PaymentTold
    | StatusTold
    | DecisionAnswered
    | ReminderSet
    | ReminderAnswered
    | ErasureTold
)

Recorded = LeadRecorded | LeadPatched | InteractionRecorded | Acts
"""Everything on `interactions` but time."""
