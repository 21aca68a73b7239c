"""Reads the record topics as one picture, while the system may run."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from analysis.replay import Records
from domain.events import ConversationEnriched, InteractionEnriched
from domain.records import Decision
from infra.dead import over, stood_at
from infra.invariants.history import READERS, RETURNS, Entry, History, Open, Place
from infra.invariants.inbox import offered
from infra.invariants.stable import hanging
from infra.invariants.views import SOURCES, Fold, stored
from runtime import clients
from runtime.errors import Misconfigured, NotReady
from runtime.global_table import STALLED_SECONDS, end_offsets
from runtime.letters import redriven
from runtime.messages import END, message_of, pass_over
from runtime.settings import Settings
from runtime.transform import Message
from schemas.codec import NewerSchema, Undecodable, decode
from schemas.topics import TOPICS

REPLAYED = ("enriched", "decisions", "transitions", "policies")
"""What a replay reads, besides the entries."""

LETTERS = tuple(topic for topic in TOPICS if topic.endswith(".dead"))
AGAIN = tuple(topic for topic in TOPICS if topic.endswith(".redrive"))
"""What was set aside, and what of it was given back."""

_NOTHING: Any = None
COORDINATOR_MOVES = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)


def read(settings: Settings) -> History:
    """Everything committed up to now; the system may run.

    The order makes it one picture: first the views, the committed offsets and decisions, then what follows from
    them, then what those follow from, what was set aside, and what of that was redriven. Raises NotReady where a
    topic cannot be read to its end.
    """
    held = stored(settings)
    unstable = hanging(settings)
    settled = _committed(settings)
    reader = clients.reader(settings)
    try:
        fold = Fold({}) if isinstance(held, str) else Fold(held.positions, held.gone)
        picture = _Picture(settings, reader, fold, unstable)
        settled |= picture.take()
    finally:
        reader.close()
    for found in picture.entries.values():
        found.sort(key=lambda entry: (entry.partition, entry.offset))
    return History(
        picture.entries,
        settled,
        Counter(picture.dead.values()),
        picture.redriven,
        held if isinstance(held, str) else replace(picture.fold.beside(held.rows), strays=held.strays),
        picture.records(),
        unstable,
    )


class _Picture:
    """One pass over every topic: entries for the checkers, messages for a replay, rows of the views."""

    def __init__(
        self,
        settings: Settings,
        reader: Consumer,
        fold: Fold,
        unstable: tuple[Open, ...],
    ) -> None:
        self._settings, self._reader = settings, reader
        self._stable = {(each.topic, each.partition): each.stable for each in unstable}
        self._messages: dict[str, list[Message]] = {topic: [] for topic in REPLAYED}
        self.fold = fold
        self.entries: dict[str, list[Entry]] = {}
        self.dead: dict[str, Place] = {}
        self.redriven: dict[Place, Place] = {}

    def take(self) -> dict[tuple[str, int], int]:
        """Read it all; gives the end of the decisions whose consequences were read after them."""
        ends = self._ends("decisions")
        early = self._entries("decisions", {}, ends)
        for topic in ("policies", "leads", "q-table", "transitions"):
            self.entries[topic] = self._entries(topic, {}, self._ends(topic))
        replayed = len(self._messages["decisions"])
        self.entries["decisions"] = early + self._entries("decisions", ends, self._ends("decisions"))
        del self._messages["decisions"][replayed:]
        for topic in ("enriched", "interactions"):
            self.entries[topic] = self._entries(topic, {}, self._ends(topic))
        self.entries["inbox"] = [each for one in self._whole("inbox") if (each := offered(one)) is not None]
        self._take_letters()
        return {("decisions", number): end for number, end in ends.items()}

    def _take_letters(self) -> None:
        """Where the record of each dead letter stood, by the letter's place, and of each redriven one."""
        for topic in LETTERS:
            group = topic.partition(".")[0]
            for letter in self._whole(topic):
                self.fold.add(letter, None)
                if group not in READERS.values():
                    continue
                if (place := stood_at(letter)) is not None and not over(letter):
                    self.dead[f"{group}/{letter.partition}/{letter.offset}"] = place
        for topic in AGAIN:
            for again in self._whole(topic):
                self.fold.add(again, None)
                if topic in RETURNS and (of := redriven(again)) in self.dead:
                    place = self.redriven[again.topic, again.partition, again.offset] = self.dead[of]
                    if place[0] == "inbox" and (anew := offered(again, place)) is not None:
                        self.entries["inbox"].append(anew)

    def records(self) -> Records:
        """What a replay reads: only those decisions whose transitions were read after them."""
        for found in self._messages.values():
            found.sort(key=lambda message: (message.partition, message.offset))
        return Records(**self._messages)

    def _ends(self, topic: str) -> dict[int, int]:
        """The ends as of now; behind a transaction that hangs nothing can be read."""
        ends = end_offsets(self._settings, self._settings.topic(topic))
        return {number: min(end, self._stable.get((topic, number), end)) for number, end in ends.items()}

    def _whole(self, topic: str) -> Iterator[Message]:
        return _messages(self._reader, self._settings, topic, {}, self._ends(topic))

    def _entries(self, topic: str, starts: dict[int, int], ends: dict[int, int]) -> list[Entry]:
        """Each message decoded once; of `leads` only each key's last is kept."""
        kept: dict[object, Entry] = {}
        for message in _messages(self._reader, self._settings, topic, starts, ends):
            value = _value(message)
            if topic in SOURCES:
                self.fold.add(message, value)
            if topic in REPLAYED:
                self._messages[topic].append(message)
            place = (message.topic, message.partition, message.offset)
            last = (message.partition, message.key) if topic == "leads" else place
            kept[last] = Entry(*place, _text(message.key), _without_details(value))
        return list(kept.values())


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


def _text(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")


def _value(message: Message) -> Any:
    """The event; None for a tombstone and for bytes that are none."""
    if message.value is None:
        return None
    try:
        return decode(message.topic, message.value)
    except Undecodable:
        return None
    except NewerSchema as newer:
        raise Misconfigured(str(newer)) from newer


def _without_details(value: Any) -> Any:
    """The event without the parts that no checker of entries looks at: they are most of its size."""
    if isinstance(value, Decision):
        return replace(value, actions=(), signals=(), contact=None, brief=None)
    if isinstance(value, InteractionEnriched | ConversationEnriched):
        return replace(value, extraction=_NOTHING)
    return value
