"""Reads the record topics as one picture, while the system may run."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from domain.events import InteractionEnriched
from domain.records import Decision
from infra.dead import over, redriven, stood_at
from infra.invariants.history import READERS, RETURNS, Entry, History
from runtime import clients
from runtime.errors import Misconfigured, NotReady
from runtime.global_table import STALLED_SECONDS, end_offsets
from runtime.messages import END, message_of, pass_over
from runtime.settings import Settings
from runtime.transform import Message
from schemas.codec import NewerSchema, Undecodable, decode

_NOTHING: Any = None
COORDINATOR_MOVES = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)


def read(settings: Settings) -> History:
    """Everything committed up to now; the system may run.

    The order makes it one picture: first the committed offsets and decisions, then what follows from them, then
    what those follow from, what was set aside, and what of that was redriven. Raises NotReady where a topic cannot
    be read to its end.
    """
    settled = _committed(settings)
    reader = clients.reader(settings)
    try:
        entries, ends = {}, end_offsets(settings, settings.topic("decisions"))
        early = _entries(_messages(reader, settings, "decisions", {}, ends))
        settled |= {("decisions", number): end for number, end in ends.items()}
        for topic in ("leads", "q-table", "transitions"):
            entries[topic] = _entries(_to_end(reader, settings, topic), last=topic == "leads")
        later = end_offsets(settings, settings.topic("decisions"))
        entries["decisions"] = early + _entries(_messages(reader, settings, "decisions", ends, later))
        for topic in ("enriched", "interactions"):
            entries[topic] = _entries(_to_end(reader, settings, topic))
        letters = {
            f"{group}/{message.partition}/{message.offset}": place
            for group in READERS.values()
            for message in _to_end(reader, settings, f"{group}.dead")
            if (place := stood_at(message)) is not None and not over(message)
        }
        again = {
            (message.topic, message.partition, message.offset): letters[of]
            for topic in RETURNS
            for message in _to_end(reader, settings, topic)
            if (of := redriven(message)) in letters
        }
    finally:
        reader.close()
    for found in entries.values():
        found.sort(key=lambda entry: (entry.partition, entry.offset))
    return History(entries, settled, Counter(letters.values()), again)


def _committed(settings: Settings) -> dict[tuple[str, int], int]:
    """The committed offset of each source's group, asked as a member would: the client waits while it is loaded."""
    found: dict[tuple[str, int], int] = {}
    for topic, group in (READERS | RETURNS).items():
        name = settings.topic(topic)
        asked = [TopicPartition(name, number) for number in end_offsets(settings, name)]
        member = clients.member(settings, group)
        try:
            places = _known(member, asked)
        finally:
            member.close()
        found |= {(topic, place.partition): place.offset for place in places if place.offset >= 0}
    return found


def _known(member: Consumer, asked: list[TopicPartition]) -> list[TopicPartition]:
    """The group's positions; a broker that has just started is asked again until it knows them."""
    deadline = time.monotonic() + STALLED_SECONDS
    while True:
        try:
            return member.committed(asked, clients.CALL_SECONDS)
        except KafkaException as wrong:
            error = wrong.args[0]
            if error.code() not in COORDINATOR_MOVES or time.monotonic() > deadline:
                raise NotReady(f"a group does not say how far it has come: {error.str()}") from wrong
            time.sleep(0.2)


def _to_end(reader: Consumer, settings: Settings, topic: str) -> Iterator[Message]:
    return _messages(reader, settings, topic, {}, end_offsets(settings, settings.topic(topic)))


def _messages(
    reader: Consumer, settings: Settings, topic: str, starts: dict[int, int], ends: dict[int, int]
) -> Iterator[Message]:
    """The committed messages from `starts` (absent: the beginning) to before `ends`."""
    name = settings.topic(topic)
    places = [
        TopicPartition(name, number, starts.get(number, OFFSET_BEGINNING))
        for number, end in ends.items()
        if end > starts.get(number, 0)
    ]
    reader.assign(places)
    unread = {place.partition for place in places}
    deadline = time.monotonic() + STALLED_SECONDS
    while unread:
        if time.monotonic() > deadline:
            raise NotReady(f"{name} stands still short of its end {ends}: a transaction may be open on it")
        for message in reader.consume(1000, 0.1):
            deadline = time.monotonic() + STALLED_SECONDS
            number, offset, error = message.partition() or 0, message.offset() or 0, message.error()
            if error is not None and error.code() != END:
                pass_over(error)
            elif offset >= ends[number]:
                unread.discard(number)
            elif error is None:
                yield message_of(message, topic)


def _entries(messages: Iterator[Message], *, last: bool = False) -> list[Entry]:
    """Decoded once; `last` keeps only each key's last message."""
    kept: Iterator[Message] = messages
    if last:
        kept = iter({(message.partition, message.key): message for message in messages}.values())
    return [
        Entry(message.topic, message.partition, message.offset, _text(message.key), _value(message))
        for message in kept
    ]


def _text(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")


def _value(message: Message) -> Any:
    """The event without the parts that no invariant looks at: they are most of its size."""
    if message.value is None:
        return None
    try:
        value = decode(message.topic, message.value)
    except Undecodable:
        return None
    except NewerSchema as newer:
        raise Misconfigured(str(newer)) from newer
    if isinstance(value, Decision):
        return replace(value, actions=(), signals=(), contact=None, brief=None)
    if isinstance(value, InteractionEnriched):
        return replace(value, extraction=_NOTHING)
    return value
