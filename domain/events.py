"""What can have happened: the events of `interactions` and `enriched`, as frozen values."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from domain.asked import Asked
from domain.extraction import Extraction
from domain.vocabulary import Channel, Consent, Direction, Flushed, OptOut, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Sealed:
    """Personal text, encrypted under one subject's key; opaque to everything in this package."""

    key_id: str
    event_id: str
    box: bytes


@dataclass(frozen=True, slots=True)
class Tick:
    """Time itself, in every partition; nothing else moves partition time in quiet hours."""

    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Guardian:
    """An adult of the household; each has its own key and its own consent."""

    guardian_id: str
    name: Sealed | None
    phone: Sealed | None
    email: Sealed | None
    consent: Consent = Consent.CONTACTABLE


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the household; several children never mean several leads (S2)."""

    child_id: str
    name: Sealed | None
    age: int | None
    programme: Sealed | None


@dataclass(frozen=True, slots=True)
class LeadRecorded:
    """A household's record was created or replaced."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]
    time_zone: str
    campaign_goal: Sealed | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class InteractionRecorded:
    """A call, SMS or e-mail took place; `opt_out` and `urgent` are ingest's classes of the open text (T2).

    A `buffered` one is part of a conversation, and is read with the rest of it (T1).
    """

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    duration_s: int | None
    guardian_id: str | None
    decision_id: str | None
    external_ref: Sealed | None
    transcript: Sealed | None
    opt_out: OptOut
    urgent: bool
    classifier: str
    body_hash: bytes
    buffered: bool = False


@dataclass(frozen=True, slots=True)
class LeadPatched:
    """Parts of a household's record changed; `given` names them, any other part stays as it was."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    occurred_at: datetime
    given: tuple[str, ...]
    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]
    time_zone: str | None
    campaign_goal: Sealed | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class TickEnriched:
    """A tick, forwarded in its partition."""

    recorded_at: datetime
    root_offset: int


@dataclass(frozen=True, slots=True)
class LeadEnriched:
    """The clear part of a lead's record: who may be contacted, and in which time zone."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    consents: dict[str, Consent]
    children: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class InteractionEnriched:
    """An interaction with what was said in it, and what a model was asked for it.

    Nothing was read yet in a `buffered` one: that comes with its conversation.
    """

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    guardian_id: str | None
    decision_id: str | None
    opt_out: OptOut
    extraction: Extraction[Sealed]
    asked: Asked | None = None
    buffered: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a conversation: its event, and its place on `interactions`."""

    event_id: str
    root_offset: int
    occurred_at: datetime
    direction: Direction


@dataclass(frozen=True, slots=True)
class ConversationEnriched:
    """The SMS of one person that were read together, oldest first, with what was said in them (T1, D6).

    Its cause is its own, from the last that was told of them; `occurred_at` is when the family first wrote, or when
    the academy did where the family has not.
    """

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    guardian_id: str | None
    why: Flushed
    parts: tuple[Part, ...]
    extraction: Extraction[Sealed]
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class LeadPatchEnriched:
    """The clear part of a changed record; null where the part was not given."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    occurred_at: datetime
    given: tuple[str, ...]
    consents: dict[str, Consent]
    children: int | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """An event id that was seen before: the same body (`duplicate`) or another one (`conflict`)."""

    event_id: str
    cause_event_id: str
    lead_id: str
    root_offset: int
    recorded_at: datetime
    verdict: Verdict


def derived_id(lead_id: str, cause_id: str, role: str, ordinal: int = 0) -> str:
    """Id of something that follows from `cause_id`: a redo makes the same one (architecture 2.8).

    A UUID of version 8 from SHA-256, so that every id on a topic is a UUID.
    """
    digest = hashlib.sha256(f"{lead_id}|{cause_id}|{role}|{ordinal}".encode()).digest()
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
