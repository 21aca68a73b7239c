"""What is told of a lead beside its record and its interactions, by the academy's records or by an operator."""

from dataclasses import dataclass
from datetime import datetime

from domain.events import (
    InteractionEnriched,
    InteractionRecorded,
    LeadEnriched,
    LeadPatched,
    LeadPatchEnriched,
    LeadRecorded,
    Sealed,
)
from domain.vocabulary import Consent, OperatorAnswer, Payment, Status, Told


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


Acts = ConsentTold | EnrolmentTold | AttendanceTold | PaymentTold | StatusTold | DecisionAnswered

ActsEnriched = (
    ConsentEnriched
    | EnrolmentEnriched
    | AttendanceEnriched
    | PaymentEnriched
    | StatusEnriched
    | AnswerEnriched
)
Recorded = LeadRecorded | LeadPatched | InteractionRecorded | Acts
"""Everything on `interactions` but time."""

FromLead = LeadEnriched | LeadPatchEnriched | InteractionEnriched | ActsEnriched
"""Everything on `enriched` that is read for the first time, but time."""
