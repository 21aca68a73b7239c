"""A reader beside the fault: it takes committed records as they come, and says what is there twice or out of order."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from domain.events import ConversationEnriched
from domain.records import Decision
from runtime import clients
from runtime.messages import message_of, pass_over
from runtime.settings import Settings
from runtime.transform import Message, tick_of
from schemas.codec import decode
from schemas.topics import TOPICS

WATCHED = ("enriched", "decisions")


class Watch:
    """What a delivery system would see, from the first record on; `wrong` must stay empty whatever happens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roots: dict[int, int] = defaultdict(lambda: -1)
        self._sequences: dict[str, int] = defaultdict(int)
        self._causes: set[str] = set()
        self._read_once: set[tuple[int, int]] = set()
        self._failures: list[BaseException] = []
        self.wrong: list[str] = []
        self.seen = 0

    @property
    def answered(self) -> int:
        """How many different causes have an answer; what time itself brings about is among them."""
        return len(self._causes)

    def has(self, causes: set[str]) -> bool:
        """Whether each of these has its answer; raises what has ended the reading."""
        if self._failures:
            raise self._failures[0]
        return causes <= self._causes

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Read for as long as the context lasts."""
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(over,), name="watch")
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()

    def _run(self, over: threading.Event) -> None:
        reader = clients.reader(self._settings, wait_ms=200)
        names = {self._settings.topic(topic): topic for topic in WATCHED}
        places = [
            TopicPartition(name, number, OFFSET_BEGINNING)
            for name, topic in names.items()
            for number in range(TOPICS[topic].partitions(self._settings.partitions))
        ]
        try:
            reader.assign(places)
            while not over.is_set():
                for found in reader.consume(500, 0.2):
                    error = found.error()
                    if error is None:
                        self.take(message_of(found, names[found.topic() or ""]))
                    elif error.name() != "_PARTITION_EOF":
                        pass_over(error)
        except BaseException as failure:  # noqa: BLE001 - raised again by whoever waits
            self._failures.append(failure)
        finally:
            reader.close()

    def take(self, message: Message) -> None:
        """One committed record, in the order of its partition."""
        value = decode(message.topic, message.value or b"")
        self.seen += 1
        where = f"{message.topic}/{message.partition}/{message.offset}"
        if isinstance(value, Decision):
            following = self._sequences[value.lead_id]
            if value.sequence != following:
                self.wrong.append(f"{where}: answer {value.sequence} of a lead where {following} was to come")
            self._sequences[value.lead_id] = max(following, value.sequence + 1)
            self._causes.add(value.cause_event_id)
        elif isinstance(value, ConversationEnriched):
            self._read(where, message.partition, value)
        elif not tick_of(value):
            if value.root_offset <= self._roots[message.partition]:
                self.wrong.append(f"{where}: input {value.root_offset} again, or after a later one")
            self._roots[message.partition] = max(self._roots[message.partition], value.root_offset)

    def _read(self, where: str, partition: int, talk: ConversationEnriched) -> None:
        """A conversation is read after each of its messages was passed on, and no message of it twice."""
        for part in talk.parts:
            place = (partition, part.root_offset)
            if place in self._read_once or part.root_offset > self._roots[partition]:
                self.wrong.append(
                    f"{where}: message {part.root_offset} is read again, or before it was passed on"
                )
            self._read_once.add(place)
