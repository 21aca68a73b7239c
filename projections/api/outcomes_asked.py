"""What an analyst may ask of outcomes, costs and learned values: which time, and what is told apart."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator

from domain.actions import ACTIONS
from projections.api.asked import Asked, State, TableId
from projections.api.outcome_queries import Window

DIMENSIONS = ("day", "model", "channel")
"""What costs are told apart by."""

_Since = Annotated[
    AwareDatetime | None, Field(description="recorded from then on", examples=["2026-09-01T00:00:00Z"])
]
_Until = Annotated[
    AwareDatetime | None, Field(description="recorded before then", examples=["2026-10-01T00:00:00Z"])
]


class OutcomesAsked(Asked):
    """Of which learning table, in which time."""

    table: TableId = "default"
    since: _Since = None
    until: _Until = None

    @field_validator("until")
    @classmethod
    def _after(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if since is not None and until is not None and until <= since:
            raise ValueError("must be after since")
        return until

    def window(self) -> Window:
        """The time."""
        return Window(self.since, self.until)


class CostsAsked(Asked):
    """Which days, and what is told apart."""

    by: str = Field(
        "day,model", description="any of day, model and channel, in any order", examples=["model,channel"]
    )
    since: date | None = Field(None, description="first day in UTC", examples=["2026-09-01"])
    until: date | None = Field(None, description="last day in UTC", examples=["2026-09-30"])

    @field_validator("by")
    @classmethod
    def _known(cls, by: str) -> str:
        names = by.split(",")
        if set(names) - set(DIMENSIONS) or len(set(names)) < len(names):
            raise ValueError("must be any of day, model, channel, such as model,channel")
        return by

    @property
    def dimensions(self) -> list[str]:
        """In the order that was asked for."""
        return self.by.split(",")


class ValueHistoryAsked(OutcomesAsked):
    """Of which state and action, and how many moments of the time."""

    state: State
    action: str = Field(description="an action's name", examples=["gentle_nudge"])
    points: int = Field(100, ge=2, le=500, description="moments, evenly spaced")

    @field_validator("action")
    @classmethod
    def _action(cls, action: str) -> str:
        if action not in ACTIONS:
            raise ValueError("must be an action's name, such as gentle_nudge")
        return action
