"""Context packs as documented models: what somebody needs to know before they speak with a family."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from domain.records import Contact
from domain.vocabulary import Bucket, Channel, Consent, Direction, Intent, Outcome, Sentiment, Status
from projections.api.decision import BriefView
from projections.api.extraction import (
    FactView,
    FamilyView,
    FinancesView,
    ObjectionView,
    Said,
    SchedulingView,
    SignalView,
)
from projections.api.names import ActionName, DecisionId, EventId, LeadId, State
from projections.api.told_views import ChildView, GuardianView

_BOOLEAN = WithJsonSchema({"type": "boolean"})
"""Client generators take a constant for a text; whether `reason` is there tells the packs apart as well."""
_Yes = Annotated[Literal[True], _BOOLEAN]
_No = Annotated[Literal[False], _BOOLEAN]


class KnownView(BaseModel):
    """What the family has said so far, under the names of an extraction."""

    intent: Intent | None = Field(description="of the latest conversation, like the sentiment")
    sentiment: Sentiment | None
    facts: list[FactView] = Field(description="of the latest conversations, the newest first")
    open_questions: list[Said] = Field(examples=[["Is there a class for beginners?"]])
    financial_signals: FinancesView
    scheduling_constraints: SchedulingView
    family_context: FamilyView
    objections: list[ObjectionView] = Field(description="those that nobody has addressed first")
    additional_signals: list[SignalView] = Field(description="the newest first")


class RecentView(BaseModel):
    """A call, SMS or e-mail in short."""

    event_id: EventId
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    guardian_id: str | None
    summary: Said


class CurrentView(BaseModel):
    """The decision in force and how to carry it out."""

    decision_id: DecisionId
    decided_at: datetime
    action: ActionName | None
    channel: Channel | None
    scheduled_for: datetime | None
    expires_at: datetime | None
    override: str | None
    brief: BriefView


class ComplianceView(BaseModel):
    """Whether the family may be contacted, and how matters stood when that was decided."""

    consent: Consent
    may_be_contacted: bool = Field(description="as to consent and status; quiet hours only move the moment")
    why_not: str | None
    time_zone: str | None = Field(examples=["America/New_York"])
    local_time: datetime | None = Field(description="there, now; null where no time zone is known")
    quiet_hours: bool | None = Field(description="now, there")
    quiet_until: datetime | None = Field(description="when the next contact is allowed; null outside them")
    recorded: Contact | None = Field(description="caps and reasons as the decision in force records them")


class WarningView(BaseModel):
    """Something to know before the family is spoken to."""

    kind: str = Field(examples=["held"])
    text: str = Field(
        examples=["It is not clear whether this family wants contact: an operator decides first."]
    )
    event_id: EventId | None = Field(None, description="the event that it rests on")


class ContextPack(KnownView):
    """All that is known about one household, its words opened."""

    lead_id: LeadId
    minimal: _No = False
    lead_name: Said = Field(examples=["Dana Whitfield"])
    phone: Said = Field(examples=["+1 555 0100"])
    child_info: str | None = Field(examples=["Mia (age 9, tennis)"])
    campaign_goal: Said
    guardians: list[GuardianView]
    children: list[ChildView]
    time_zone: str | None
    current_status: Status | None
    state: State | None
    bucket: Bucket | None
    interactions: int
    latest_summary: Said
    recent_interactions: list[RecentView] = Field(description="the newest first")
    current_nba: CurrentView | None = Field(description="null while nothing is decided yet")
    compliance: ComplianceView
    warnings: list[WarningView]
    erased: bool = Field(description="a text of it can be opened no more")


class MinimalPack(BaseModel):
    """Name and phone alone, where the rest could not be put together: a call can still be made."""

    lead_id: LeadId
    minimal: _Yes = True
    reason: str = Field(examples=["Something that was said cannot be opened."])
    lead_name: Said
    phone: Said
    consent: Consent | None
    current_status: Status | None
    warnings: list[WarningView]
    erased: bool = Field(description="name and phone were erased, or one of them")


Pack = ContextPack | MinimalPack


class RecipientView(BaseModel):
    """The adult to reach."""

    guardian_id: str | None = Field(description="null in a minimal pack")
    name: Said
    phone: str


class PreparedCall(BaseModel):
    """What a voice provider needs to make a call."""

    lead_id: LeadId
    decision_id: DecisionId | None
    scheduled_for: datetime | None
    to: RecipientView | None = Field(description="null where no adult who may be called has a number")
    first_message: str = Field(examples=["Hi, is this Dana? I am calling from Lakeshore Hoops."])
    opening_context: str
    talking_points: list[str]
    avoid: list[str]
    dynamic_variables: dict[str, str] = Field(
        description="the same, flat, for a prompt's variables; empty where nothing is known",
        examples=[{"lead_name": "Dana Whitfield", "child_info": "Mia (age 9)", "tone": "warm"}],
    )
    warnings: list[WarningView]
    context: Pack


class PreparedInbound(BaseModel):
    """What a voice provider needs to answer a call of this household."""

    lead_id: LeadId
    caller: Literal["unknown"] = "unknown"
    first_message: str
    opening_context: str
    talking_points: list[str]
    avoid: list[str]
    dynamic_variables: dict[str, str]
    warnings: list[WarningView]
    context: Pack


class MessageView(BaseModel):
    """One SMS of the thread."""

    event_id: EventId
    at: datetime
    direction: Direction
    text: Said


class PreparedSms(BaseModel):
    """What an SMS provider needs to write to the household."""

    lead_id: LeadId
    decision_id: DecisionId | None
    scheduled_for: datetime | None
    to: RecipientView | None
    draft: str | None = Field(description="null where nothing is to be written, or nothing is known")
    length: int = Field(description="characters", examples=[142])
    cut: bool = Field(description="whole sentences at its end were too long for an SMS")
    thread: list[MessageView] = Field(description="the latest messages, the newest last")
    warnings: list[WarningView]
    context: Pack
