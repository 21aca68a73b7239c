"""What the API answers about learning, as documented models."""

from datetime import datetime

from pydantic import BaseModel, Field

from domain.parameters import Parameters
from domain.records import Hop
from projections.api.names import ActionName, DecisionId, EventId, LeadId, NextCursor, State


class ValueView(BaseModel):
    """What is known of one state and action."""

    state: State
    action: ActionName
    q: float = Field(examples=[0.31], description="expected return, in units of reward")
    visits: int = Field(description="real outcomes only")
    pseudo_visits: int = Field(description="what its seed is worth")
    reward_sum: float
    version: int = Field(description="of its last fold")


class PooledView(BaseModel):
    """What is known of one action over all buckets of a status."""

    action: ActionName
    q: float = Field(description="mean of the values, each weighted by its visits and those of its seed")
    visits: int = Field(description="real outcomes only")
    states: int = Field(description="with a value")


class QTableView(BaseModel):
    """A learning table as of one whole commit or a little after."""

    table_id: str
    version: int = Field(description="transitions offset of the last whole commit")
    alpha: float
    gamma: float
    rows: list[ValueView]
    pooled: list[PooledView] = Field(
        description="over all buckets of the state's status, where one was asked for: shown, never used to choose"
    )


class TransitionView(BaseModel):
    """What one decision led to, at the table version that folds it."""

    version: int = Field(description="offset on transitions, the table's version once it is folded")
    transition_id: str
    lead_id: LeadId
    decision_id: DecisionId | None
    cause_event_id: EventId
    root_offset: int
    table_id: str
    kind: str = Field(examples=["organic"])
    from_state: State
    action: ActionName | None = Field(description="null where a status moved without a decision")
    hops: list[Hop]
    reward: float
    to_state: State
    next_actions: list[ActionName]
    terminal: bool
    elapsed_s: float
    rewards_version: int
    executed_action: ActionName | None
    policy_version: int | None
    mode: str | None
    arm: str | None
    recorded_at: datetime
    occurred_at: datetime


class TransitionPage(BaseModel):
    """One page of a table's transitions, newest first."""

    items: list[TransitionView]
    next_cursor: NextCursor


class PolicyView(BaseModel):
    """One version of the parameters."""

    policy_id: str = Field(examples=["parameters"])
    version: int
    in_force: bool
    recorded_at: datetime
    parameters: Parameters


class SnapshotView(BaseModel):
    """A learned table put by: greedy by its values when it is the champion of promoted mode."""

    version: int
    champion: bool = Field(description="whether it decides in promoted mode, and for arms of that name")
    recorded_at: datetime
    table_id: str
    table_version: int = Field(description="transitions offset of the last one that it had folded")
    width: float = Field(description="what each value is lowered by after one visit, in units of reward")
    pairs: int = Field(description="states and actions with a value")
    visits: int = Field(description="real outcomes it rests on")


class PoliciesView(BaseModel):
    """Every version, newest first."""

    items: list[PolicyView]
    snapshots: list[SnapshotView]
