"""One household as the log has left it, and the table that moves its status (S1-S4)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.events import InteractionEnriched
from domain.parameters import Parameters
from domain.vocabulary import (
    Channel,
    Consent,
    Direction,
    Intent,
    Level,
    Outcome,
    Sentiment,
    Severity,
    SignalClass,
    Status,
    TopicClass,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The academy's last try to reach the family, and how many in a row failed on that channel."""

    event_id: str
    channel: Channel
    outcome: Outcome
    at: datetime
    failed_in_row: int


@dataclass(frozen=True, slots=True)
class Stance:
    """Intent and sentiment of the latest extraction that had a transcript."""

    event_id: str
    intent: Intent
    sentiment: Sentiment


@dataclass(frozen=True, slots=True)
class Concern:
    """The last stated level of financial concern, and how many mentions its event has."""

    event_id: str
    level: Level
    mentions: int


@dataclass(frozen=True, slots=True)
class OpenObjection:
    """An objection that nobody has addressed; the words are item `index` of the event's objections."""

    event_id: str
    index: int
    topic_class: TopicClass
    severity: Severity


@dataclass(frozen=True, slots=True)
class SeenSignal:
    """An additional signal by class; the words are item `index` of the event's signals."""

    event_id: str
    index: int
    signal_class: SignalClass
    urgency: Level
    at: datetime
    suggested_action: str | None


@dataclass(frozen=True, slots=True)
class Mention:
    """An event that said something of a dimension, and how many items of it."""

    event_id: str
    items: int


@dataclass(frozen=True, slots=True)
class Context:
    """What the family has said so far: the last stated value of each dimension with its event."""

    stance: Stance | None = None
    concern: Concern | None = None
    objections: tuple[OpenObjection, ...] = ()
    signals: tuple[SeenSignal, ...] = ()
    deciders: Mention | None = None
    siblings: Mention | None = None
    questions: Mention | None = None
    times: Mention | None = None
    facts: Mention | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """The decision that the next event answers; `teaches` is false once it has taught, or was an override."""

    decision_id: str
    state: str
    action: str
    decided_at: datetime
    expires_at: datetime | None
    policy_version: int
    mode: str
    arm: str
    teaches: bool
    executed_action: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A household's state, folded from `enriched`; it holds no word that anybody said."""

    lead_id: str
    status: Status = Status.NEW
    decays_at: datetime | None = None
    consents: dict[str, Consent] = field(default_factory=dict)
    time_zone: str | None = None
    children: int = 0
    interactions: int = 0
    attempt: Attempt | None = None
    inbound_at: datetime | None = None
    outbound_at: tuple[datetime, ...] = ()
    context: Context = Context()
    in_force: InForce | None = None
    sequence: int = 0

    @property
    def consent(self) -> Consent:
        """The strictest consent of the household's guardians (S2)."""
        order = list(Consent)
        return max(self.consents.values(), key=order.index, default=Consent.CONTACTABLE)

    @property
    def due(self) -> datetime | None:
        """When time alone will change something: a decision expires or a status decays."""
        expires = self.in_force.expires_at if self.in_force else None
        return min((at for at in (expires, self.decays_at) if at), default=None)


class Cause(StrEnum):
    """What can move a status; the words of the table in S3."""

    TWO_WAY = "two_way"
    ENGAGED = "engaged"
    WARM = "warm"
    SCHEDULING = "scheduling"
    ENROLMENT = "enrolment"
    ATTENDED = "attended"
    MISSED_TWICE = "missed_twice"
    MISSED_PAYMENT = "missed_payment"
    RECOVERED = "recovered"
    DECAYED = "decayed"
    DECLINING = "declining"


FUNNEL = (Status.NEW, Status.CONTACTED, Status.INTERESTED, Status.TRIAL, Status.ENROLLED)
"""The path along which a cause that reaches further emits every hop between (S4)."""

_OPEN = FUNNEL[:4]
MOVES: dict[Cause, dict[Status, Status]] = {
    Cause.TWO_WAY: {Status.NEW: Status.CONTACTED},
    Cause.ENGAGED: {Status.INACTIVE: Status.AT_RISK},
    Cause.WARM: {Status.CONTACTED: Status.INTERESTED},
    Cause.SCHEDULING: {Status.CONTACTED: Status.TRIAL, Status.INTERESTED: Status.TRIAL},
    Cause.ENROLMENT: dict.fromkeys(_OPEN, Status.ENROLLED),
    Cause.ATTENDED: {Status.ENROLLED: Status.ACTIVE, Status.AT_RISK: Status.ACTIVE},
    Cause.MISSED_TWICE: dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    Cause.MISSED_PAYMENT: dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    Cause.RECOVERED: {Status.AT_RISK: Status.ACTIVE},
    Cause.DECAYED: {Status.ENROLLED: Status.AT_RISK, Status.AT_RISK: Status.INACTIVE},
    Cause.DECLINING: {
        **dict.fromkeys((*_OPEN, Status.AT_RISK, Status.INACTIVE), Status.DECLINED),
        **dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    },
}
"""S3: cause, then status, to status; what is not listed does not move."""


def is_two_way(event: InteractionEnriched) -> bool:
    """A completed call, or any inbound message; an inbound voicemail is a message."""
    if event.channel is Channel.VOICE:
        left_message = event.direction is Direction.INBOUND and event.outcome is Outcome.VOICEMAIL
        return event.outcome is Outcome.COMPLETED or left_message
    return event.direction is Direction.INBOUND


def causes(event: InteractionEnriched, parameters: Parameters) -> tuple[Cause, ...]:
    """What an interaction gives the table, in the order in which it applies."""
    if not is_two_way(event):
        return ()
    said = event.extraction
    warm = said.intent is Intent.INTERESTED or (
        said.intent in (Intent.REQUESTING_INFO, Intent.CONSIDERING)
        and said.sentiment is not Sentiment.NEGATIVE
    )
    eager = said.intent in (Intent.INTERESTED, Intent.SCHEDULING) and said.sentiment is Sentiment.POSITIVE
    stated = said.signed_up.value and parameters.enrolment_from == "stated"
    given = {
        Cause.TWO_WAY: True,
        Cause.ENGAGED: said.intent is not Intent.DECLINING,
        Cause.WARM: warm,
        Cause.SCHEDULING: said.intent is Intent.SCHEDULING,
        Cause.RECOVERED: eager,
        Cause.ENROLMENT: stated,
        Cause.DECLINING: said.intent is Intent.DECLINING,
    }
    return tuple(cause for cause, holds in given.items() if holds)


def path(status: Status, given: tuple[Cause, ...]) -> tuple[Status, ...]:
    """Every status that the causes pass through, beginning with the present one (S4)."""
    passed = [status]
    for cause in given:
        here = passed[-1]
        to = MOVES[cause].get(here)
        if to is None:
            continue
        between = here in FUNNEL and to in FUNNEL
        passed += FUNNEL[FUNNEL.index(here) + 1 : FUNNEL.index(to) + 1] if between else (to,)
    return tuple(passed)
