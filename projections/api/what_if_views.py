"""What a what-if asks and answers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from domain.what_if import SETTINGS
from projections.api.decision import DecisionView
from projections.api.names import ActionName, DecisionId

EXAMPLE: dict[str, Any] = {"lead_id": "lead-4711", "set": {"status": "interested", "financial": "high"}}


def _plain(value: Any) -> Any:
    """A number as one would type it: `attempts` is the only name that has any."""
    return str(value) if type(value) is int else value


Assumptions = Annotated[
    dict[str, Annotated[str, BeforeValidator(_plain)]],
    Field(max_length=len(SETTINGS)),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "description": "what is assumed; all else stays as it stands",
            "properties": {
                name: {"type": "string", "enum": [str(value) for value in setting.values]}
                for name, setting in SETTINGS.items()
            },
        }
    ),
]


class WhatIfBody(BaseModel):
    """A household, and what of its state is assumed to be otherwise; nothing assumed asks what is decided now."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    lead_id: str = Field(pattern=r"^[^\x00]{1,200}$", examples=["lead-4711"])
    set: Assumptions = Field(default_factory=dict)


class AssumedView(BaseModel):
    """One thing that was assumed."""

    name: str = Field(examples=["financial"])
    old: str | None = Field(description="as it stands; null where nothing is known of it", examples=["none"])
    new: str | None = Field(description="as assumed; of a list, all that is in it then", examples=["high"])


class PresentView(BaseModel):
    """The decision in force, for comparison."""

    decision_id: DecisionId
    action: ActionName | None


class WhatIfView(DecisionView):
    """The decision that the assumed state would lead to now; it is not in force, and its id is on no topic."""

    assumed: list[AssumedView]
    current: PresentView | None = Field(description="null before the first decision")
