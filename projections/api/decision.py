"""A decision as the API answers it: the complete record, its brief as text."""

from datetime import datetime

from pydantic import BaseModel, Field

from domain.parameters import Exploration
from domain.records import Contact, SignalSeen
from domain.vocabulary import Bucket, Channel, Status, Verdict
from projections.api.names import ActionName, DecisionId, EventId, LeadId, NextCursor, State


class DirectiveView(BaseModel):
    """A talking point, the signal that brought it, and the facts it rests on."""

    id: str = Field(examples=["signal.financial_concern"])
    signal: str | None
    facts: list[SignalSeen]
    text: str | None = Field(description="null for an id that this release no longer knows")


class SentenceView(BaseModel):
    """A sentence that the draft may have, and the facts it needs."""

    id: str
    facts: list[SignalSeen]
    text: str | None = Field(description="as the draft says it; null where the draft is without it")


class DroppedView(BaseModel):
    """A sentence that the draft is without."""

    id: str = Field(examples=["welcome_onboard.where"])
    why: str = Field(examples=["place is not known, or is nothing that a draft may say"])


class DraftView(BaseModel):
    """How the draft came about."""

    channel: Channel
    length: int = Field(description="characters", examples=[142])
    cut: bool = Field(description="whole sentences at its end were too long for the channel")
    dropped: list[DroppedView]


class BriefView(BaseModel):
    """How to carry the action out."""

    purpose: str | None
    directives: list[DirectiveView]
    tone: str = Field(examples=["warm"])
    prepare: list[str]
    avoid: list[str]
    timing: str | None
    timing_id: str
    sentences: list[SentenceView]
    draft: str | None = Field(
        None,
        description="the message, ready to send or to say; null for an action without one, and where a "
        "decision is shown beside its lead",
        examples=["Hi Dana, this is Lakeshore Hoops. There is no rush, we are here whenever you would like."],
    )
    draft_details: DraftView | None = None


class ActionView(BaseModel):
    """One action as it stood at the decision."""

    action: str
    allowed: bool
    reason: str | None = Field(description="the rule that does not allow it")
    why_not: str | None = Field(description="the same as a sentence")
    q: float
    visits: int
    pseudo_visits: int
    source: str
    bonus: float
    score: float | None
    probability: float


class DecisionView(BaseModel):
    """The complete record of one answer, its brief as text; a verdict has no action and no brief."""

    decision_id: DecisionId
    lead_id: LeadId
    cause_event_id: EventId
    root_offset: int
    sequence: int
    verdict: Verdict
    reason: str | None
    decided_at: datetime
    expires_at: datetime | None
    state: State
    status: Status
    bucket: Bucket
    action: ActionName | None
    channel: Channel | None
    scheduled_for: datetime | None
    policy_id: str | None
    policy_version: int | None
    parameters_version: int
    logic_version: str
    table_id: str | None
    table_version: int | None
    mode: str | None
    arm: str | None
    arm_weight: float | None
    experiment: str | None
    explored: bool
    exploration: Exploration | None = Field(
        None, description="how the draw was made; null where none was, and in records of before it was kept"
    )
    hinted: bool
    override: str | None
    actions: list[ActionView]
    signals: list[SignalSeen]
    contact: Contact | None
    brief: BriefView | None
    supersedes: DecisionId | None
    hint: ActionName | None = Field(None, description="what the family's latest news suggests, see `hinted`")
    reminders: list[str] = Field([], description="reminders whose moment came with this answer, by id")


class DecisionPage(BaseModel):
    """A lead's decisions, newest first."""

    items: list[DecisionView]
    next_cursor: NextCursor
