"""What the API answers, as documented models."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from domain.records import Transition
from domain.states import Attempt, Context
from domain.vocabulary import Bucket, Channel, Consent, Direction, OptOut, Outcome, Status, Verdict
from projections.api.decision import DecisionView
from projections.api.extraction import ExtractionView, Said
from projections.api.names import ActionName, DecisionId, EventId, LeadId, NextCursor, State
from runtime.problems import MEDIA_TYPE

PROBLEM: dict[str, Any] = {
    "description": "Refused, with the reason.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
}
"""For `responses` of a route; the model is in every document of ours."""
MISSING: dict[int | str, dict[str, Any]] = {404: PROBLEM | {"description": "Unknown here, or not yet."}}
"""The same for routes about one thing."""


class GuardianView(BaseModel):
    """An adult of the household; null texts where the subject was erased."""

    guardian_id: str
    name: Said = Field(examples=["Dana Whitfield"])
    phone: Said = Field(examples=["+1 555 0100"])
    email: Said = Field(examples=["dana@example.org"])
    consent: Consent


class ChildView(BaseModel):
    """A child of the household."""

    child_id: str
    name: Said = Field(examples=["Mia"])
    age: int | None = Field(examples=[9])
    programme: Said = Field(examples=["tennis"])


class RecordView(BaseModel):
    """A household's record as it was last told."""

    event_id: EventId
    recorded_at: datetime
    guardians: list[GuardianView]
    children: list[ChildView]
    time_zone: str = Field(examples=["America/New_York"])
    campaign_goal: Said
    erased: bool = Field(description="a text of it can be opened no more")


class InForceView(BaseModel):
    """The decision in force, in short."""

    decision_id: DecisionId
    action: ActionName
    channel: Channel | None
    scheduled_for: datetime | None
    expires_at: datetime | None
    decided_at: datetime


class LeadSummary(BaseModel):
    """One household in the list."""

    lead_id: LeadId
    guardians: list[Said] = Field(description="names", examples=[["Dana Whitfield"]])
    children: list[Said] = Field(description="names", examples=[["Mia"]])
    erased: bool
    status: Status | None
    consent: Consent | None
    state: State | None
    bucket: Bucket | None
    due: datetime | None = Field(description="when time alone changes something")
    updated_at: datetime | None = Field(description="of the last answer")
    decision: InForceView | None


class LeadPage(BaseModel):
    """One page of households, and how many there are of each status under the other filters."""

    items: list[LeadSummary]
    counts: dict[Status, int] = Field(examples=[{"new": 12, "contacted": 40}])
    next_cursor: NextCursor


class LeadView(BaseModel):
    """Everything current about one household."""

    lead_id: LeadId
    record: RecordView | None
    status: Status | None
    consent: Consent | None
    state: State | None
    bucket: Bucket | None
    interactions: int
    sequence: int = Field(description="answers so far")
    due: datetime | None
    updated_at: datetime | None
    attempt: Attempt | None
    context: Context
    decision: DecisionView | None


class Position(BaseModel):
    """A record's place on its topic."""

    topic: Literal["interactions"] = "interactions"
    partition: int
    offset: int


class InteractionEvent(BaseModel):
    """A call, SMS or e-mail as it was told; `decision_id` is the decision that it carried out."""

    channel: Channel
    direction: Direction
    outcome: Outcome
    duration_s: int | None
    guardian_id: str | None
    decision_id: DecisionId | None
    external_ref: Said
    transcript: Said
    opt_out: OptOut
    urgent: bool
    classifier: str


class Repeat(BaseModel):
    """The same id once more: the same body (`duplicate`) or another one (`conflict`)."""

    position: Position
    verdict: Verdict


class InteractionView(BaseModel):
    """What became of one event."""

    event_id: EventId
    lead_id: LeadId
    kind: Literal["interaction", "lead"]
    stage: Literal["accepted", "enriched", "answered"] = Field(description="how far it has come")
    position: Position
    recorded_at: datetime
    occurred_at: datetime
    event: InteractionEvent | None = Field(description="null for a lead's record")
    record: RecordView | None = Field(description="null for an interaction")
    erased: bool = Field(description="a text of it can be opened no more")
    extraction: ExtractionView | None
    transitions: list[Transition]
    verdict: Verdict | None
    reason: str | None
    decision_id: DecisionId | None = Field(description="the answer, decision or verdict")
    state: State | None = Field(description="after it, like status")
    status: Status | None
    repeats: list[Repeat]


class ToldItem(BaseModel):
    """Something happened, as it was told to us."""

    kind: Literal["interaction", "lead"]
    at: datetime = Field(description="when we were told")
    event_id: EventId
    position: Position
    occurred_at: datetime
    event: InteractionEvent | None = Field(description="null for a lead's record")
    record: RecordView | None = Field(description="null for an interaction")
    extraction: ExtractionView | None
    repeats: Verdict | None = Field(description="duplicate or conflict, where the id was seen before")
    erased: bool = Field(description="a text of it can be opened no more")


class TaughtItem(BaseModel):
    """What a decision led to."""

    kind: Literal["transition"]
    at: datetime
    transition: Transition


class AnswerItem(BaseModel):
    """A decision or verdict in short; `/api/decisions/{decision_id}` has all of it."""

    kind: Literal["decision"]
    at: datetime
    decision_id: DecisionId
    cause_event_id: EventId
    verdict: Verdict
    reason: str | None
    status: Status
    state: State
    action: ActionName | None
    channel: Channel | None
    scheduled_for: datetime | None
    expires_at: datetime | None
    override: str | None
    supersedes: DecisionId | None


class TimelinePage(BaseModel):
    """What happened with one household and what came of it, newest first."""

    items: list[Annotated[ToldItem | TaughtItem | AnswerItem, Field(discriminator="kind")]]
    next_cursor: NextCursor
