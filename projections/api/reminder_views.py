"""Open reminders as documented models."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from domain.vocabulary import Status
from projections.api.extraction import Said
from projections.api.names import ActionName, DecisionId, LeadId, NextCursor


class ReminderView(BaseModel):
    """An open reminder."""

    reminder_id: str = Field(
        description="the event that set it, or the decision that it came with",
        examples=["0197f0a2-5a3e-7c1d-9b6e-3f2a1c0d4e5b"],
    )
    kind: Literal["manual", "automatic"] = Field(
        description="set by an operator, or brought by a decision with its moment"
    )
    due_at: datetime
    fired: bool = Field(description="its moment has come")
    decision_id: DecisionId | None = Field(description="the decision that what is done is credited to")
    action: ActionName | None = Field(description="of that decision, where it is known")
    note: Said = Field(description="the operator's", examples=["Ask how the trial session went."])
    erased: bool = Field(description="a text of it can be opened no more")


class ReminderItem(ReminderView):
    """An open reminder in the list of all, with its household."""

    lead_id: LeadId
    status: Status | None
    guardians: list[Said] = Field(description="names", examples=[["Dana Whitfield"]])
    children: list[Said] = Field(description="names", examples=[["Mia"]])


class ReminderPage(BaseModel):
    """One page of open reminders, the soonest first."""

    items: list[ReminderItem]
    next_cursor: NextCursor
