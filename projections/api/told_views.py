"""What was told to us, as documented models: a household's record, a conversation, or an act."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.vocabulary import (
    Channel,
    Consent,
    Direction,
    OperatorAnswer,
    OptOut,
    Outcome,
    Payment,
    ReminderAnswer,
    Status,
    Told,
)
from projections.api.extraction import Said
from projections.api.names import ActionName, DecisionId, EventId

Kind = Literal[
    "interaction",
    "lead",
    "lead-patched",
    "consent",
    "enrolment",
    "attendance",
    "payment",
    "status",
    "decision-answered",
    "reminder",
    "reminder-answered",
    "erasure",
]
"""The event's name in the catalogue."""
Actor = Annotated[str, Field(description="whose token told it", examples=["front-desk"])]


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
    """A household's record: whole as it was told, or each part as it was last told."""

    event_id: EventId = Field(description="of the last change")
    recorded_at: datetime
    guardians: list[GuardianView]
    children: list[ChildView]
    time_zone: str | None = Field(examples=["America/New_York"], description="null where nobody told it")
    campaign_goal: Said
    erased: bool = Field(description="a text of it can be opened no more")


class PatchView(BaseModel):
    """Parts of a record that changed; what `given` does not name is null and stayed as it was."""

    given: list[str] = Field(examples=[["children", "campaign_goal"]])
    guardians: list[GuardianView] | None
    children: list[ChildView] | None
    time_zone: str | None
    campaign_goal: Said


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
    buffered: bool = Field(description="an SMS that is read together with the rest of its conversation")


class _Act(BaseModel):
    """`act` says which, and is always there: without that word generated clients cannot tell one from another."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ConsentAct(_Act):
    """A consent as the family stated it, or the undoing of a refusal that was misread."""

    act: Literal["consent"] = "consent"
    guardian_id: str | None = Field(description="null: the whole household's")
    consent: Consent
    false_detection: bool
    reason: Said
    actor: Actor


class EnrolmentAct(_Act):
    """The academy's records say that a child is enrolled."""

    act: Literal["enrolment"] = "enrolment"
    child_id: str | None
    external_ref: Said


class AttendanceAct(_Act):
    """The academy's records say that a child came to a session, or did not."""

    act: Literal["attendance"] = "attendance"
    child_id: str | None
    attended: bool
    external_ref: Said


class PaymentAct(_Act):
    """The academy's records say what came of a payment."""

    act: Literal["payment"] = "payment"
    outcome: Payment
    external_ref: Said


class StatusAct(_Act):
    """An operator's word on the status: it happened elsewhere, or it was misread."""

    act: Literal["status"] = "status"
    status: Status
    kind: Told
    reason: Said
    actor: Actor


class AnswerAct(_Act):
    """An operator's word on one decision; `action` is what was executed."""

    act: Literal["decision-answered"] = "decision-answered"
    decision_id: DecisionId
    answer: OperatorAnswer
    action: ActionName | None
    reason: Said
    note: Said
    actor: Actor


class ReminderAct(_Act):
    """An operator asked to be reminded of the household."""

    act: Literal["reminder"] = "reminder"
    due_at: datetime
    decision_id: DecisionId | None
    note: Said
    actor: Actor


class ReminderAnswerAct(_Act):
    """An operator's word on one reminder; `until` is the new moment of one that is snoozed."""

    act: Literal["reminder-answered"] = "reminder-answered"
    reminder_id: str
    answer: ReminderAnswer
    until: datetime | None
    actor: Actor


class ErasureAct(_Act):
    """Somebody asked to be forgotten; without a subject it was the whole household."""

    act: Literal["erasure"] = "erasure"
    subject: str | None
    actor: Actor


Act = Annotated[
    ConsentAct
    | EnrolmentAct
    | AttendanceAct
    | PaymentAct
    | StatusAct
    | AnswerAct
    | ReminderAct
    | ReminderAnswerAct
    | ErasureAct,
    Field(discriminator="act"),
]


class ToldView(BaseModel):
    """What one event told: the one of the four that its kind has, its texts opened."""

    kind: Kind
    event: InteractionEvent | None = Field(description="of an `interaction`")
    record: RecordView | None = Field(description="of a `lead`")
    patch: PatchView | None = Field(description="of a `lead-patched`")
    act: Act | None = Field(description="of any other kind")
    erased: bool = Field(description="a text of it can be opened no more")
