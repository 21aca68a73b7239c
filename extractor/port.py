"""The port to whatever reads transcripts by being asked: one small question, one reply that says all it cost."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.extraction import Extraction
from domain.turns import Turn, turns
from domain.vocabulary import Channel, Direction, Failure
from extractor.pricing import Usage


@dataclass(frozen=True, slots=True)
class Request:
    """What one reading rests on: one interaction, or several messages of a thread as one text with speaker labels.

    Text and turns are open: they are held in memory while they are asked about, and shown nowhere.
    """

    text: str = field(repr=False)
    channel: Channel
    direction: Direction
    spoken: tuple[Turn, ...] = field(repr=False)


def request(text: str, channel: Channel, direction: Direction) -> Request:
    """A text with its turns, which are found once."""
    return Request(text, channel, direction, turns(text, channel, direction))


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question: what was read, or why nothing was; with every try that it took."""

    said: Extraction[str] | None = field(repr=False)
    failure: Failure | None
    attempts: int = 0
    latency_ms: int = 0
    asked_at: datetime | None = None
    used: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all questions to a model, and recorded with each."""

    model: str
    price_version: str
    nanos: Callable[[Usage], int]
    prompt_hash: str
    schema_hash: str


@dataclass(frozen=True, slots=True)
class Model:
    """A reader that is asked; `ask` answers within the runtime's deadline and raises nothing."""

    terms: Terms
    ask: Callable[[Request], Coroutine[Any, Any, Reply]]
    close: Callable[[], Coroutine[Any, Any, None]]


_THEIR_SIDE = frozenset(
    {
        Failure.UNREACHED,
        Failure.LATE,
        Failure.BUSY,
        Failure.QUOTA,
        Failure.ERROR,
        Failure.DENIED,
        Failure.NO_REPLY,
    }
)


def works(reply: Reply | None) -> bool:
    """Whether the provider does its work, whatever it made of this one text; it opens and closes the breaker."""
    return reply is not None and reply.failure not in _THEIR_SIDE
