"""What upstream systems post, checked field by field; a wrong value is never part of the error."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

from domain.vocabulary import Channel, Consent, Direction, Outcome
from ingest.identifiers import opaque
from runtime.openapi import ProblemBody

TRANSCRIPT_LIMIT = 200_000
"""Characters: some three hours of talk."""
MEMBERS_LIMIT = 20
"""Guardians, and children, of one household."""
BATCH_LIMIT = 500
"""Interactions of one batch: some 70 ms of CPU, so that others are not kept waiting."""
BATCH_BYTES = 8 * 1024 * 1024
"""Of a batch's body: 16 kB an interaction, or forty of the longest transcripts."""

ACCEPTED: dict[str, Any] = {
    "event_id": "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42",
    "topic": "interactions",
    "partition": 3,
    "offset": 1042,
}
ANSWERED: list[Any] = [
    {"index": 0, "status": 202, **ACCEPTED},
    {
        "index": 1,
        "status": 422,
        "problem": {
            "type": "urn:academy:problem:invalid",
            "title": "Unprocessable Content",
            "status": 422,
            "detail": "occurred_at is required",
            "errors": [{"field": "occurred_at", "message": "is required"}],
        },
    },
]
"""What is answered, for the OpenAPI document."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("must be an IANA time zone such as America/Chicago")
    return name


def _apart(ids: Iterable[str]) -> None:
    listed = list(ids)
    if len(set(listed)) < len(listed):
        raise ValueError("must not hold the same id twice")


Id = Annotated[str, AfterValidator(opaque)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Phone = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Email = Annotated[str, StringConstraints(min_length=1, max_length=254)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]


class Body(BaseModel):
    """Common to all: unknown fields and loose types are refused, and errors do not show their input."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class InteractionBody(Body):
    """One completed interaction: a call, an SMS or an e-mail."""

    lead_id: Id
    """The household, by an opaque id."""
    channel: Channel
    direction: Direction
    outcome: Outcome
    occurred_at: AwareDatetime
    """When it took place, with its offset; not in the future."""
    id: UUID | None = None
    """The event's id; absent, one is made. An `Idempotency-Key` goes before it."""
    transcript: Annotated[str, StringConstraints(max_length=TRANSCRIPT_LIMIT)] | None = None
    """What was said or written."""
    duration_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    external_ref: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """The upstream system's own reference."""
    decision_id: UUID | None = None
    """The decision that this contact carried out."""
    guardian_id: Id | None = None
    """Who took part; what was said is sealed for that person."""
    buffered: ClassVar[bool] = False


class SmsBody(InteractionBody):
    """One SMS of a conversation: it is on the timeline at once, and read together with the rest of it."""

    channel: Literal[Channel.SMS] = Channel.SMS
    outcome: Literal[Outcome.COMPLETED, Outcome.FAILED] = Outcome.COMPLETED
    buffered: ClassVar[bool] = True


class BatchBody(RootModel[Annotated[list[InteractionBody], Field(min_length=1, max_length=BATCH_LIMIT)]]):
    """Interactions in the order in which they took place; each is taken or refused by itself."""


class GuardianBody(Body):
    """An adult of the household."""

    guardian_id: Id
    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    consent: Consent = Consent.CONTACTABLE


class ChildBody(Body):
    """A child of the household."""

    child_id: Id
    name: Name | None = None
    age: Annotated[int, Field(ge=0, le=25)] | None = None
    programme: Name | None = None


def _guardians(listed: tuple[GuardianBody, ...]) -> tuple[GuardianBody, ...]:
    _apart(guardian.guardian_id for guardian in listed)
    return listed


def _children(listed: tuple[ChildBody, ...]) -> tuple[ChildBody, ...]:
    _apart(child.child_id for child in listed)
    return listed


Guardians = Annotated[tuple[GuardianBody, ...], Field(max_length=MEMBERS_LIMIT), AfterValidator(_guardians)]
Children = Annotated[tuple[ChildBody, ...], Field(max_length=MEMBERS_LIMIT), AfterValidator(_children)]
Goal = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class LeadBody(Body):
    """A household's whole record; it replaces the one before."""

    lead_id: Id
    """The household, by an opaque id."""
    time_zone: Zone
    guardians: Guardians = ()
    children: Children = ()
    campaign_goal: Goal | None = None
    occurred_at: AwareDatetime | None = None
    """When it became so; absent: now."""
    id: UUID | None = None
    """The event's id; absent, one is made. An `Idempotency-Key` goes before it."""


PARTS = ("guardians", "children", "time_zone", "campaign_goal")
"""Of a household's record: what a patch may give."""


class PatchBody(Body):
    """Parts of a household's record: each replaces the one before as a whole, what is absent stays."""

    guardians: Guardians = Field(default_factory=tuple)
    children: Children = Field(default_factory=tuple)
    time_zone: Zone = Field(default_factory=str)
    campaign_goal: Goal | None = None
    """Null clears it."""
    occurred_at: AwareDatetime | None = None
    """When it became so; absent: now."""
    id: UUID | None = None
    """The event's id; absent, one is made. An `Idempotency-Key` goes before it."""

    @property
    def given(self) -> tuple[str, ...]:
        """The parts that the sender named, in the order of `PARTS`."""
        return tuple(part for part in PARTS if part in self.model_fields_set)

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if not self.given:
            raise ValueError(f"must give at least one of {', '.join(PARTS)}")
        return self


class Accepted(BaseModel):
    """The broker has the event: its id, and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACCEPTED]})

    event_id: str = Field(examples=["0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"])
    topic: str = Field(examples=["interactions"])
    partition: int = Field(examples=[3])
    offset: int = Field(examples=[1042])


class BatchItem(BaseModel):
    """One item's answer: where its event stands, or the problem that a single interaction would have had."""

    index: int = Field(examples=[0], description="in the body")
    status: int = Field(examples=[202], description="202, or the problem's: 400 410 422 503")
    event_id: str | None = Field(None, description="with 503 the id to send it again with")
    topic: str | None = Field(None, examples=["interactions"])
    partition: int | None = Field(None, examples=[3])
    offset: int | None = Field(None, examples=[1042])
    problem: ProblemBody | None = None


class BatchAnswer(RootModel[list[BatchItem]]):
    """Every item's answer, in the order of the body."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})
