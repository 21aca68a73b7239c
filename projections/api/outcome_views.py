"""What came of decisions, and what reading has cost, as documented models."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from domain.vocabulary import Channel, Failure, Status
from projections.api.names import ActionName


class StageView(BaseModel):
    """One status: who stands there, and who ever came to it."""

    status: Status
    now: int = Field(description="households that stand there now, whenever they came", examples=[40])
    reached: int = Field(
        description="households that took a step to it in the time asked for", examples=[112]
    )


class StepView(BaseModel):
    """From one status to another, all such steps together."""

    from_status: Status
    to_status: Status
    times: int = Field(examples=[118])
    leads: int = Field(description="households that took it", examples=[112])
    reward: float = Field(description="of all of them, in units of reward", examples=[23.6])


class FunnelView(BaseModel):
    """How households moved through the statuses."""

    stages: list[StageView] = Field(description="every status, in the order of the path")
    steps: list[StepView] = Field(description="only those that were taken, the most frequent first")


class RewardView(BaseModel):
    """What decisions for one action in one arm were worth."""

    action: ActionName
    arm: str | None = Field(examples=["ucb"], description="null where the decision is not known any more")
    outcomes: int = Field(description="decisions that are over", examples=[230])
    reward: float = Field(description="of all of them, in units of reward", examples=[41.4])
    mean: float | None = Field(description="for each of them; null where there is none", examples=[0.18])
    late: float = Field(
        description="what was heard of them after they were over, a part of `reward`", examples=[-0.5]
    )


class RewardsView(BaseModel):
    """Rewards by action and arm, by action's name."""

    items: list[RewardView]


class CostView(BaseModel):
    """Sums over what was read; `day`, `model` and `channel` only where they are told apart."""

    model_config = ConfigDict(protected_namespaces=())

    day: date | None = Field(None, description="in UTC")
    model: str | None = Field(None, examples=["gpt-6-luna"], description="that was meant to read")
    channel: Channel | None = None
    interactions: int = Field(description="and conversations: everything that was read", examples=[1200])
    conversations: int = Field(description="by SMS", examples=[300])
    messages_of_conversations: int = Field(examples=[900])
    calls: int = Field(description="tries at the model", examples=[1190])
    tokens_in: int
    tokens_cached: int = Field(description="a part of `tokens_in`")
    tokens_out: int
    dollars: float = Field(examples=[0.258])
    dollars_per_1000: float = Field(description="interactions", examples=[0.215])
    failures: dict[Failure, int] = Field(description="why the model's answer was not had or not used")
    fallbacks: int = Field(description="read by the rules in the model's place")


class CostsView(BaseModel):
    """What reading has cost, and the total."""

    items: list[CostView]
    total: CostView
