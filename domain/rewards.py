"""What a step of status is worth (R1, R2)."""

from itertools import pairwise

from domain.parameters import Rewards
from domain.records import Hop
from domain.vocabulary import Status


def hops(path: tuple[Status, ...], rewards: Rewards) -> tuple[Hop, ...]:
    """Each step of a path of statuses with its reward; a pair that is not listed is worth nothing."""
    return tuple(Hop(here, there, worth(here, there, rewards)) for here, there in pairwise(path))


def worth(here: Status, there: Status, rewards: Rewards) -> float:
    """The reward of one step."""
    if there is Status.DECLINED:
        return rewards.declined
    listed = {(pair.from_status, pair.to_status): pair.reward for pair in rewards.pairs}
    return listed.get((here, there), 0.0)


def total(steps: tuple[Hop, ...], *, opted_out: bool, rewards: Rewards) -> float:
    """The reward of a closed decision: its hops, or the stall; an opt-out weighs like a decline (R2)."""
    earned = sum(hop.reward for hop in steps) if steps or opted_out else rewards.stalled
    declined = any(hop.to_status is Status.DECLINED for hop in steps)
    return earned + (rewards.opted_out if opted_out and not declined else 0.0)
