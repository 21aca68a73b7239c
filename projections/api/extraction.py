"""What was said, as the API answers it: the extraction's own names, its texts opened.

Nothing is here that `domain.extraction` does not have; a test compares them.
"""

from pydantic import BaseModel, Field

from domain.vocabulary import (
    ExtractionStatus,
    Intent,
    Level,
    OptOut,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    TopicClass,
)

Said = str | None
"""A text; null where it was erased."""


class FactView(BaseModel):
    """Something specific that the academy can act on, with the words it rests on."""

    text: Said = Field(examples=["Mia has played tennis for two years"])
    quote: Said = Field(examples=["Mia has been playing tennis for two years now"])
    speaker: Speaker


class FinancesView(BaseModel):
    """How much cost worries the family."""

    concern_level: Level
    mentions: list[Said]


class SchedulingView(BaseModel):
    """When the family can and cannot come."""

    constraints: list[Said]
    preferred_times: list[Said] = Field(examples=[["Saturday mornings"]])


class FamilyView(BaseModel):
    """Other children, whose yes is missing, and notes."""

    siblings: list[Said]
    decision_makers: list[Said]
    household_notes: list[Said]


class ObjectionView(BaseModel):
    """A reason of the family against joining, staying or coming."""

    topic: Said
    topic_class: TopicClass
    detail: Said
    severity: Severity
    addressed: bool
    quote: Said


class SignalView(BaseModel):
    """Anything else that a thoughtful person would want to know."""

    signal: Said
    signal_class: SignalClass
    detail: Said
    urgency: Level
    suggested_action: str | None
    quote: Said


class SignUpView(BaseModel):
    """Whether they signed up in so many words."""

    value: bool
    quote: Said


class OptOutView(BaseModel):
    """Whether all contact was refused."""

    verdict: OptOut
    quote: Said


class ExtractionView(BaseModel):
    """The ten dimensions of one conversation."""

    adapter: str = Field(examples=["offline"])
    model: str = Field(examples=["offline-1"])
    status: ExtractionStatus
    summary: Said
    facts: list[FactView]
    intent: Intent
    sentiment: Sentiment
    open_questions: list[Said] = Field(examples=[["Is there a class for beginners?"]])
    financial_signals: FinancesView
    scheduling_constraints: SchedulingView
    family_context: FamilyView
    objections: list[ObjectionView]
    additional_signals: list[SignalView]
    signed_up: SignUpView
    opt_out: OptOutView
    injection: bool
