"""Every message of `inbox` is on `interactions` or a dead letter: its part of I1."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from infra.dead import over
from infra.invariants.history import Entry, History, Place, Violation, broken
from ingest.inbox import event_id
from runtime.transform import Message, Record
from schemas.codec import NewerSchema, Undecodable, decode_keyed


@dataclass(frozen=True, slots=True)
class Offer:
    """What is kept of a message on `inbox`: the id of the event that it becomes, and no word of it."""

    event_id: str


def offered(message: Message, place: Place | None = None) -> Entry | None:
    """A message of `inbox` as an entry, without a value where it is no offer; `place` is where it stood at first.

    None where its time is over: its dead letter may be gone before it.
    """
    if over(message):
        return None
    at = place or (message.topic, message.partition, message.offset)
    key = (message.key or b"").decode("utf-8", "replace")
    return Entry(*at, key, _offer(message, at))


def _offer(message: Message, at: Place) -> Offer | None:
    try:
        key, value = decode_keyed("inbox", message.key, message.value)
    except (Undecodable, NewerSchema):
        return None
    if message.appended is None:
        return None
    return Offer(_plain(event_id(Record(*at, key, value, message.appended))))


def _plain(given: str) -> str:
    """An id may be written in several ways; what is none is refused by ingest."""
    try:
        return str(UUID(given))
    except ValueError:
        return given


def unaccepted(history: History) -> Iterator[Violation]:
    """I1: a message that ingest has committed, and that became neither an event nor a dead letter.

    One that was offered twice under an id of its own is on `interactions` twice.
    """
    ids: dict[Place, set[str]] = defaultdict(set)
    for entry in history.readable("inbox"):
        ids[entry.place].add(entry.value.event_id)
    there = Counter((entry.key, entry.value.event_id) for entry in _events(history))
    returned, returning = history.returned(), history.returning()
    for place, entry in {entry.place: entry for entry in history.of("inbox")}.items():
        set_aside = history.dead[place] > returned[place]
        if set_aside or not history.is_settled(entry) or place in returning:
            continue
        known = next((one for each in ids[place] if there[one := (entry.key, each)] > 0), None)
        if known is None:
            yield broken("I1", entry, "neither an event on interactions nor a dead letter; there must be one")
        else:
            there[known] -= 1


def _events(history: History) -> Iterator[Entry]:
    """What may have come by `inbox`: all but ticks, which have no id."""
    return (entry for entry in history.readable("interactions") if hasattr(entry.value, "event_id"))
