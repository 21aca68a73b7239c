"""Dead letters as the services write them, and what operators note of them, as records of the views."""

from datetime import datetime

from runtime.errors import Rejected
from runtime.letters import DISCARDS, REDRIVE
from runtime.transform import Headers, Message, Record
from runtime.views import record_of
from tests import given

WORDS = b"what Dana said"


def letter(
    topic: str = "decider.dead", offset: int = 0, at: datetime = given.NOON, *own: tuple[str, bytes]
) -> Record:
    """A record of `enriched` that could not be taken; `own` are headers that its sender gave it."""
    record = Message("enriched", 1, 70 + offset, b"fam-1", WORDS, [*own], None)
    headers = record.dead(topic.partition(".")[0], Rejected("the lead was never told"))
    return _of(topic, offset, at, headers, WORDS)


def discarded(place: str, offset: int, at: datetime) -> Record:
    """The note that nobody wants the letter at a place."""
    return _of(f"{place.partition('/')[0]}.dead", offset, at, [(DISCARDS, place.encode())], None)


def redriven(place: str, at: datetime) -> Record:
    """The letter's record, given back."""
    return _of(f"{place.partition('/')[0]}.redrive", 0, at, [(REDRIVE, place.encode())], WORDS)


def _of(topic: str, offset: int, at: datetime, headers: Headers, value: bytes | None) -> Record:
    return record_of(Message(topic, 1, offset, b"\xff", value, headers, at))
