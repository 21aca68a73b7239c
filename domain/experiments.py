"""Arms of an experiment, by hash of the lead: fixed while it runs (P4)."""

from itertools import accumulate

from domain.chance import draw
from domain.parameters import Arm, Experiment


def assigned(experiment: Experiment, lead_id: str) -> Arm:
    """The lead's arm, with its weight as a probability."""
    total = sum(arm.weight for arm in experiment.arms)
    point = draw(experiment.salt, "arm", lead_id) * total
    ends = accumulate(arm.weight for arm in experiment.arms)
    arms = zip(experiment.arms, ends, strict=True)
    arm = next((arm for arm, end in arms if point < end), experiment.arms[-1])
    return Arm(arm.policy_id, arm.weight / total)
