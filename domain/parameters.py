"""Every tunable number of the product, as one versioned record on `policies`."""

from dataclasses import dataclass
from datetime import datetime

from domain.reward_table import REWARDS, Rewards
from domain.vocabulary import Bucket, Status


@dataclass(frozen=True, slots=True)
class Exploration:
    """How often a decision is drawn among plausible actions, and how (P3); a rate of 0 explores nothing."""

    seed: str = "academy"
    """Of every draw; another one draws anew."""
    rate: float = 0.0
    """Share of decisions, 0 to 1."""
    width: float = 0.5
    """An action may be worth so much more than is known after one visit, in units of reward."""
    unseeded: float = 0.1
    """Share of the draws in which actions without a visit or a seed take part."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A policy and its share of the leads (P4); weights need not sum to 1."""

    policy_id: str
    weight: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """Who gets which policy; `salt` tells two experiments apart (P4)."""

    id: str
    salt: str
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """An action for some buckets and statuses (L4)."""

    id: str
    buckets: tuple[Bucket, ...]
    statuses: tuple[Status, ...]
    action: str

    def fits(self, status: Status, bucket: Bucket) -> bool:
        """Whether the rule is about this state."""
        return status in self.statuses and bucket in self.buckets


@dataclass(frozen=True, slots=True)
class Parameters:
    """One version of everything that a decision or a learned value depends on besides the log."""

    version: int
    recorded_at: datetime
    preset: str = "seed"
    table_id: str = "default"
    """What the decisions of every arm teach (L5)."""
    policy_id: str = "ucb"
    policy_version: int = 1
    mode: str = "live"
    alpha: float = 0.1
    """Learning rate where `alpha_power` is 0 (L2)."""
    alpha_power: float = 0.0
    """Else the rate is n to minus this power, n visits and pseudo-visits with this one (L2)."""
    gamma: float = 0.9
    """Discount of the next state's value, a decision, where `gamma_day` is 0 (L2, R4)."""
    gamma_day: float = 0.0
    """Else the discount is this to the power of the days that the step took (R4)."""
    ucb_c: float = 1.0
    """Weight of the exploration bonus, in units of reward (P1)."""
    seed_pseudo_visits: int = 1
    """Visits that a seeded value is worth (L2)."""
    floor_visits: int = 0
    """Real visits to a state below which the rules decide (P5)."""
    exploration: Exploration = Exploration()
    experiment: Experiment | None = None
    enrolment_from: str = "records"
    """`records`: only the academy's enrolment events enrol; `stated`: a family's sign-up does, too (S3)."""
    contact_from_hour: int = 8
    """First local hour of a day in which a family may be contacted (C1)."""
    contact_until_hour: int = 21
    """First local hour in which it may not be contacted any more (C1)."""
    contacts_per_day: int = 1
    """Outbound contacts in any 24 h, over all channels and people (C1)."""
    contacts_per_week: int = 4
    """Outbound contacts in any 7 days (C1)."""
    cooldown_hours: int = 24
    """Quiet after an outbound contact (C1)."""
    answer_hours: int = 24
    """An answer this soon after an inbound is exempt from caps and cooldown (C2)."""
    max_attempts: int = 6
    """Unanswered attempts after which only wait, channel_switch and stop remain (A4)."""
    unanswered_hours: int = 72
    """An outbound message without an answer for so long is an unanswered attempt (A4)."""
    missed_sessions: int = 2
    """Sessions missed in a row that put a member at risk (S3)."""
    win_back_days: int = 30
    """Days of inactivity before a family may be won back (A3)."""
    decision_hours: int = 72
    """A decision expires so long after its scheduled moment (D4)."""
    wait_days: int = 7
    """How long `wait` waits (D4)."""
    reply_days: int = 3
    """How long `wait` waits while a reply is awaited (D4)."""
    stop_after_interactions: int = 3
    """Interactions before learning may choose `stop` (A2)."""
    novel_days: int = 30
    """How long an additional signal counts as new (B9)."""
    decay_days: int = 14
    """Days without a first session, or without attendance at risk, that move the status (S3)."""
    rejection_days: int = 7
    """How long a rejected action stays masked for the lead (R3)."""
    rewards: Rewards = REWARDS
    champion: int | None = None
    """The snapshot that decides in promoted mode, and in an experiment's arm of that name (P1, P4)."""
    also_teaches: tuple[str, ...] = ()
    """Further tables that learn from every transition (L5)."""
    rules: tuple[Rule, ...] = ()
    """The rule engine's table (L4); empty: the one of the release that decides."""
