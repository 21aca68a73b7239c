"""What the topology reads, keeps and writes, and its rule, in Python; `quix.py` and `Streams.java` say the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.vocabulary import Channel, Direction, Intent, Outcome

KEYS = 5_000
RECENT = 5
"""Intents that a key's state holds."""
REASON = (
    "The last five things that were said decide: a visit is offered while three of them want one, "
    "and nothing is while three do not; see values."
)
VALUES = tuple(place / 20 for place in range(18))
PROBABILITIES = tuple(place / 171 for place in range(1, 19))
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
INTENTS = tuple(Intent)
WILLING = frozenset((Intent.INTERESTED, Intent.SCHEDULING, Intent.REQUESTING_INFO))
UNWILLING = frozenset((Intent.OBJECTING, Intent.DECLINING, Intent.NO_RESPONSE))


class Standing(StrEnum):
    """What the last intents say."""

    OPEN = "open"
    WARM = "warm"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Told:
    """One input."""

    lead_id: str
    event_id: str
    recorded_at: datetime
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    intent: Intent
    duration_s: int
    external_ref: str
    body_hash: str
    words: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A key's state."""

    count: int = 0
    intents: tuple[Intent, ...] = ()
    status: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True)
class Answered:
    """One output."""

    sequence: int
    lead_id: str
    cause_event_id: str
    root_offset: int
    decided_at: datetime
    status: Standing
    intents: tuple[Intent, ...]
    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    external_ref: str
    reason: str


def told(number: int) -> Told:
    """The input of that number: keys in turn, a second apart, 215 bytes each with frame and Avro."""
    moment = BEGINNING + timedelta(seconds=number)
    return Told(
        lead_id=f"lead-{number % KEYS:07}",
        event_id=f"01a21846-dd16-7075-b317-{number:012}",
        recorded_at=moment,
        occurred_at=moment - timedelta(seconds=30),
        channel=Channel.SMS,
        direction=Direction.INBOUND,
        outcome=Outcome.COMPLETED,
        intent=INTENTS[number * 7 // 3 % len(INTENTS)],
        duration_s=100 + number % 1_000,
        external_ref=f"crm-{number:09}",
        body_hash=f"{number * 2_654_435_761 % (1 << 64):032x}",
        words="Can we come and see a practice on Saturday morning? My wife would like to come along too.",
    )


def standing(intents: tuple[Intent, ...]) -> Standing:
    """Three of the last five that want to come make warm, three that do not make cold."""
    if sum(map(WILLING.__contains__, intents)) >= 3:
        return Standing.WARM
    if sum(map(UNWILLING.__contains__, intents)) >= 3:
        return Standing.COLD
    return Standing.OPEN


def kept(before: Kept, event: Told) -> Kept:
    """The state after an input."""
    intents = (*before.intents[1 - RECENT :], event.intent)
    return Kept(before.count + 1, intents, standing(intents))


def answered(state: Kept, event: Told, offset: int) -> Answered:
    """The output for an input, given the state after it."""
    return Answered(
        sequence=state.count,
        lead_id=event.lead_id,
        cause_event_id=event.event_id,
        root_offset=offset,
        decided_at=event.recorded_at,
        status=state.status,
        intents=state.intents,
        values=VALUES,
        probabilities=PROBABILITIES,
        external_ref=event.external_ref,
        reason=REASON,
    )
