"""The ids and words that answers share, with an example each."""

from typing import Annotated

from pydantic import Field

LeadId = Annotated[str, Field(examples=["lead-4711"])]
EventId = Annotated[str, Field(examples=["0197f0a2-5a3e-7c1d-9b6e-3f2a1c0d4e5b"])]
DecisionId = Annotated[str, Field(examples=["5f3c1a2b-8d4e-8f60-9a1b-2c3d4e5f6071"])]
State = Annotated[str, Field(examples=["contacted:considering"], description="status:bucket")]
ActionName = Annotated[str, Field(examples=["gentle_nudge"])]
NextCursor = Annotated[
    str | None, Field(description="for the next page of the same list; null at its end", examples=["x7Yb0"])
]
