"""What upstream systems offer on `inbox`, in clear, before ingest has checked and sealed it."""

from dataclasses import dataclass
from datetime import datetime

from domain.vocabulary import Channel, Direction, Outcome, Payment, Refusal


@dataclass(frozen=True, slots=True)
class InteractionOffered:
    """A call, SMS or e-mail took place; nothing of it is checked yet. A `buffered` one is an SMS of a conversation."""

    event_id: str | None
    lead_id: str
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    duration_s: int | None
    guardian_id: str | None
    decision_id: str | None
    external_ref: str | None
    transcript: str | None
    buffered: bool = False


@dataclass(frozen=True, slots=True)
class GuardianOffered:
    """An adult of the household in clear; of a consent only its refusal can be said."""

    guardian_id: str
    name: str | None
    phone: str | None
    email: str | None
    consent: Refusal | None


@dataclass(frozen=True, slots=True)
class ChildOffered:
    """A child of the household in clear."""

    child_id: str
    name: str | None
    age: int | None
    programme: str | None


@dataclass(frozen=True, slots=True)
class LeadOffered:
    """A household's whole record, which replaces the one before; nothing of it is checked yet."""

    event_id: str | None
    lead_id: str
    occurred_at: datetime | None
    guardians: tuple[GuardianOffered, ...]
    children: tuple[ChildOffered, ...]
    time_zone: str
    campaign_goal: str | None


@dataclass(frozen=True, slots=True)
class AttendanceOffered:
    """A child came to a session, or did not; nothing of it is checked yet."""

    event_id: str | None
    lead_id: str
    occurred_at: datetime
    child_id: str | None
    attended: bool
    external_ref: str | None


@dataclass(frozen=True, slots=True)
class PaymentOffered:
    """What came of a payment, without its amount; nothing of it is checked yet."""

    event_id: str | None
    lead_id: str
    occurred_at: datetime
    outcome: Payment
    external_ref: str | None


Offered = InteractionOffered | LeadOffered | AttendanceOffered | PaymentOffered
"""Everything that `inbox` takes."""
