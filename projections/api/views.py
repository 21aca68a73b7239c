"""What the API answers, as documented models."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from domain.records import Transition
from domain.states import Attempt, Context, Membership, Review
from domain.vocabulary import Bucket, Channel, Consent, Flushed, ReviewKind, Status, Verdict
from projections.api.decision import DecisionView
from projections.api.extraction import ExtractionView, Said
from projections.api.names import ActionName, DecisionId, EventId, LeadId, NextCursor, State
from projections.api.reminder_views import ReminderView
from projections.api.told_views import RecordView, ToldView
from runtime.problems import MEDIA_TYPE

PROBLEM: dict[str, Any] = {
    "description": "Refused, with the reason.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
}
"""For `responses` of a route; the model is in every document of ours."""
MISSING: dict[int | str, dict[str, Any]] = {404: PROBLEM | {"description": "Unknown here, or not yet."}}
"""The same for routes about one thing."""


class InForceView(BaseModel):
    """The decision in force, in short."""

    decision_id: DecisionId
    action: ActionName
    channel: Channel | None
    scheduled_for: datetime | None
    expires_at: datetime | None
    decided_at: datetime
    executed: bool = Field(description="it was carried out; what came of it is still awaited")


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
    counts: dict[Status, int] = Field(
        examples=[{"new": 12, "contacted": 40}],
        description="empty where every word of a search finds more than 2,000 people",
    )
    next_cursor: NextCursor


class LeadView(BaseModel):
    """Everything current about one household."""

    lead_id: LeadId
    record: RecordView | None
    status: Status | None
    consent: Consent | None
    state: State | None
    bucket: Bucket | None
    since: datetime | None = Field(description="when it came to this status; null in its first one")
    interactions: int
    sequence: int = Field(description="answers so far")
    due: datetime | None
    updated_at: datetime | None
    attempt: Attempt | None
    membership: Membership | None = Field(
        description="the last session and payment, and which event says that one was missed and is open;"
        " null before the first of them"
    )
    context: Context
    reviews: list[Review] = Field(description="what an operator must look at")
    reminders: list[ReminderView] = Field(description="open ones, the soonest first")
    executed: bool = Field(description="the decision was carried out; what came of it is still awaited")
    decision: DecisionView | None


class Position(BaseModel):
    """A record's place on its topic."""

    topic: Literal["interactions"] = "interactions"
    partition: int
    offset: int


class Repeat(BaseModel):
    """The same id once more: the same body (`duplicate`) or another one (`conflict`)."""

    position: Position
    verdict: Verdict


class ConversationView(BaseModel):
    """SMS of one person that were read together; what was read is the last one's."""

    conversation_id: EventId = Field(description="the cause of what was decided")
    why: Flushed
    events: list[EventId] = Field(description="oldest first")


class InteractionView(ToldView):
    """What became of one event."""

    event_id: EventId
    lead_id: LeadId
    stage: Literal["accepted", "enriched", "answered"] = Field(description="how far it has come")
    position: Position
    recorded_at: datetime
    occurred_at: datetime
    extraction: ExtractionView | None
    conversation: ConversationView | None = Field(description="null, too, while an SMS waits to be read")
    transitions: list[Transition]
    verdict: Verdict | None
    reason: str | None = Field(description="of the verdict")
    decision_id: DecisionId | None = Field(description="the answer, decision or verdict")
    state: State | None = Field(description="after it, like status")
    status: Status | None
    repeats: list[Repeat]


class ToldItem(ToldView):
    """Something happened, as it was told to us."""

    at: datetime = Field(description="when we were told")
    event_id: EventId
    position: Position
    occurred_at: datetime
    extraction: ExtractionView | None
    conversation: ConversationView | None
    repeats: Verdict | None = Field(description="duplicate or conflict, where the id was seen before")


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


class QueueItem(BaseModel):
    """One thing that an operator has to do: look at an event, remember a household, or carry a decision out."""

    kind: ReviewKind | Literal["reminder", "due_decision"]
    since: datetime = Field(
        description="when the event took place, the reminder was due, or the decision was to be carried out"
    )
    lead_id: LeadId
    guardians: list[Said] = Field(description="names", examples=[["Dana Whitfield"]])
    children: list[Said] = Field(description="names", examples=[["Mia"]])
    erased: bool
    status: Status | None
    consent: Consent | None
    event_id: EventId | None = Field(
        description="of a review: what it rests on; of a reminder: what set it, which is the reminder's id"
    )
    note: Said = Field(description="of a reminder", examples=["Ask how the trial session went."])
    decision_id: DecisionId | None = Field(description="of a due decision, like what follows")
    action: ActionName | None
    channel: Channel | None
    scheduled_for: datetime | None


class QueuePage(BaseModel):
    """One page of what an operator does next, most urgent first, and how many items each kind has."""

    items: list[QueueItem]
    counts: dict[str, int] = Field(examples=[{"held": 2, "due_decision": 17}])
    next_cursor: NextCursor
