"""What the decider writes: decisions and transitions, complete enough for a third party to recompute."""

from dataclasses import dataclass
from datetime import datetime

from domain.parameters import Exploration
from domain.vocabulary import Channel, Consent, Status, Verdict


@dataclass(frozen=True, slots=True)
class ActionVerdict:
    """One action as it stood at the decision: the mask's word, its value, and its exact probability."""

    action: str
    allowed: bool
    reason: str | None
    q: float
    visits: int
    pseudo_visits: int
    source: str
    bonus: float
    score: float | None
    probability: float


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """An active signal at decision time: its name, and the event and item it rests on."""

    signal: str
    event_id: str
    index: int


@dataclass(frozen=True, slots=True)
class DirectiveRef:
    """A talking point by id, the signal that brought it, and the facts it rests on."""

    id: str
    signal: str | None
    facts: tuple[SignalSeen, ...]


@dataclass(frozen=True, slots=True)
class SentenceRef:
    """A template sentence of the draft by id, and the facts it needs (F4)."""

    id: str
    facts: tuple[SignalSeen, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """How to carry the action out, as ids only: `render` makes the text (F3)."""

    directives: tuple[DirectiveRef, ...]
    tone: str
    prepare: tuple[str, ...]
    avoid: tuple[str, ...]
    timing: str
    sentences: tuple[SentenceRef, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the contact policy put the moment, and why (C1, C2)."""

    consent: Consent
    time_zone: str
    preferred_at: datetime
    local_time: str
    reasons: tuple[str, ...]
    contacts_day: int
    contacts_week: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one input: a decision, or a verdict with its reason (architecture 2.3, 2.9).

    Fields that only a decision has are None on any other verdict.
    """

    decision_id: str
    lead_id: str
    cause_event_id: str
    root_offset: int
    sequence: int
    verdict: Verdict
    reason: str | None
    decided_at: datetime
    status: Status
    bucket: str
    state: str
    parameters_version: int
    logic_version: str
    expires_at: datetime | None = None
    action: str | None = None
    channel: Channel | None = None
    scheduled_for: datetime | None = None
    policy_id: str | None = None
    policy_version: int | None = None
    table_id: str | None = None
    table_version: int | None = None
    mode: str | None = None
    arm: str | None = None
    arm_weight: float | None = None
    experiment: str | None = None
    explored: bool = False
    exploration: Exploration | None = None
    hinted: bool = False
    override: str | None = None
    actions: tuple[ActionVerdict, ...] = ()
    signals: tuple[SignalSeen, ...] = ()
    contact: Contact | None = None
    brief: Brief | None = None
    supersedes: str | None = None
    hint: str | None = None
    reminders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Of an answer what the household's next state takes from it, and what it takes to find that answer."""

    decision_id: str
    lead_id: str
    root_offset: int
    sequence: int
    verdict: Verdict
    decided_at: datetime
    state: str
    parameters_version: int
    expires_at: datetime | None
    action: str | None
    scheduled_for: datetime | None
    policy_version: int | None
    table_id: str | None
    table_version: int | None
    mode: str | None
    arm: str | None
    override: str | None


Answered = Decision | Ruling


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of status with its reward (S4)."""

    from_status: Status
    to_status: Status
    reward: float


@dataclass(frozen=True, slots=True)
class Transition:
    """What one decision led to: the single bootstrapping update of its pair (D3, L1)."""

    transition_id: str
    lead_id: str
    decision_id: str | None
    cause_event_id: str
    root_offset: int
    table_id: str
    kind: str
    from_state: str
    action: str | None
    hops: tuple[Hop, ...]
    reward: float
    to_state: str
    next_actions: tuple[str, ...]
    terminal: bool
    elapsed_s: float
    rewards_version: int
    executed_action: str | None
    policy_version: int | None
    mode: str | None
    arm: str | None
    recorded_at: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Seed:
    """A value known before any outcome, worth some visits (L2, L4)."""

    state: str
    action: str
    q: float
    pseudo_visits: int


@dataclass(frozen=True, slots=True)
class TableCreated:
    """A learning table begins: everything that a fold needs besides the transitions themselves."""

    transition_id: str
    table_id: str
    alpha: float
    gamma: float
    seeds: tuple[Seed, ...]
    recorded_at: datetime
    alpha_power: float = 0.0
    gamma_day: float = 0.0


Transitions = Transition | TableCreated
