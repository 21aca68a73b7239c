"""What the API answers about contacts, dead letters and the history of a value, as documented models."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from domain.vocabulary import Channel, Outcome
from projections.api.names import ActionName, DecisionId, EventId, NextCursor, State

Group = Annotated[str, Field(examples=["decider"], description="the service that set it aside")]
Standing = Literal["waiting", "redriven", "discarded"]


class ContactView(BaseModel):
    """One contact that the limits count, whoever made it."""

    event_id: EventId
    at: datetime = Field(description="when it took place")
    channel: Channel
    outcome: Outcome
    guardian_id: str | None = Field(examples=["g1"], description="who was contacted, where that was told")
    decision_id: DecisionId | None = Field(description="that it carried out, as its sender says")
    in_force_id: DecisionId | None = Field(description="the decision that was in force when it took place")


class ContactPage(BaseModel):
    """A household's contacts, newest first, and how many of them the limits count now."""

    items: list[ContactView]
    last_day: int = Field(description="in the 24 hours before now", examples=[1])
    last_week: int = Field(description="in the 7 days before now", examples=[3])
    next_cursor: NextCursor


class DeadLetterView(BaseModel):
    """What was set aside and why; nothing of its key or value is kept here."""

    place: str = Field(examples=["decider/3/17"], description="as `academy dead show` takes it")
    group: Group
    partition: int
    offset: int
    at: datetime = Field(description="when it was set aside")
    topic: str | None = Field(examples=["enriched"], description="where the record stood, like what follows")
    record_partition: int | None
    record_offset: int | None
    event: str | None = Field(examples=["interaction"], description="the event's name in the catalogue")
    error: str = Field(examples=["Undecodable"])
    reason: str | None = Field(examples=["no Confluent frame in 15 bytes on enriched"])
    state: Standing
    kept_until: datetime = Field(description="when the record is forgotten, and this with it")


class DeadLetterPage(BaseModel):
    """Dead letters that are still kept, newest first, and how many wait of each service."""

    items: list[DeadLetterView]
    waiting: dict[str, int] = Field(examples=[{"decider": 2}])
    next_cursor: NextCursor


class ValuePoint(BaseModel):
    """The value that a decision went by."""

    decided_at: datetime
    decision_id: DecisionId
    table_version: int = Field(description="transitions offset of the last one that the value had folded")
    q: float = Field(examples=[0.31], description="expected return, in units of reward")
    visits: int = Field(description="real outcomes only")
    pseudo_visits: int = Field(description="what its seed is worth")
    source: str = Field(examples=["learned"])
    probability: float = Field(description="of the action in this decision", examples=[0.92])


class ValueHistoryView(BaseModel):
    """One value over time, as the decisions in its state recorded it: at each moment the last one before."""

    table_id: str
    state: State
    action: ActionName
    points: list[ValuePoint] = Field(description="oldest first; a moment without a new decision has none")
