"""What a step of status is worth (R1, R2)."""

from itertools import pairwise

from domain.records import Hop
from domain.reward_table import Rewards
from domain.states import Lead
from domain.vocabulary import Consent, Status


def hops(path: tuple[Status, ...], rewards: Rewards) -> tuple[Hop, ...]:
    """Each step of a path of statuses with its reward; a pair that is not listed is worth nothing."""
    return tuple(Hop(here, there, worth(here, there, rewards)) for here, there in pairwise(path))


def worth(here: Status, there: Status, rewards: Rewards) -> float:
    """The reward of one step."""
    if there is Status.DECLINED:
        return rewards.declined
    priced = (pair.reward for pair in rewards.pairs if (pair.from_status, pair.to_status) == (here, there))
    return next(priced, 0.0)


def is_listed(hop: Hop, rewards: Rewards) -> bool:
    """Whether the table prices this step; one that it does not is counted (R2)."""
    pairs = ((pair.from_status, pair.to_status) for pair in rewards.pairs)
    return hop.to_status is Status.DECLINED or (hop.from_status, hop.to_status) in pairs


def opt_out(before: Lead, after: Lead, steps: tuple[Hop, ...], rewards: Rewards) -> float:
    """What a new refusal of all contact is worth; beside a decline it weighs nothing more (R2)."""
    refused = after.consent is Consent.OPTED_OUT and before.consent is not Consent.OPTED_OUT
    declined = any(hop.to_status is Status.DECLINED for hop in steps)
    return rewards.opted_out if refused and not declined else 0.0


def total(steps: tuple[Hop, ...], refused: float, rewards: Rewards) -> float:
    """The reward of a closed decision: its hops and a refusal, or the stall where there was neither."""
    if not steps and not refused:
        return rewards.stalled
    return sum(hop.reward for hop in steps) + refused
