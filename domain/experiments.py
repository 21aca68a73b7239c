"""Arms of an experiment, by hash of the lead: fixed while it runs (P4)."""

from dataclasses import dataclass
from itertools import accumulate

from domain.chance import draw


@dataclass(frozen=True, slots=True)
class Arm:
    """A policy and its share of the leads."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """Who gets which policy; `salt` tells two experiments apart, weights need not sum to 1."""

    name: str
    salt: str
    arms: tuple[Arm, ...]


def assigned(experiment: Experiment, lead_id: str) -> Arm:
    """The lead's arm, with its weight as a probability."""
    total = sum(arm.weight for arm in experiment.arms)
    point = draw(experiment.salt, "arm", lead_id) * total
    ends = accumulate(arm.weight for arm in experiment.arms)
    arm = next(
        (arm for arm, end in zip(experiment.arms, ends, strict=True) if point < end), experiment.arms[-1]
    )
    return Arm(arm.name, arm.weight / total)
