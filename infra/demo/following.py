"""Reads record and state topics along while a story is played, and knows when nothing is left to come."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from confluent_kafka import OFFSET_BEGINNING, IsolationLevel, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined] # its stubs lack it

from decider.tables import Q_TABLE
from domain.q_learning import NO_VALUES, Values
from infra.demo.effects import Effects
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.global_table import STALLED_SECONDS, GlobalTable
from runtime.keys import Keyring
from runtime.messages import END, pass_over
from runtime.settings import Settings
from schemas.codec import decode
from schemas.topics import TOPICS

FOLLOWED = ("enriched", "threads", "decisions", "leads", "transitions")
WAIT_MS = 5
"""How long the broker may keep an empty answer back: every step of the story waits for one."""
LOOK_SECONDS = 0.05
TABLE_LOOK_SECONDS = 0.002
"""Between two looks at the table, which has a reader of its own."""


class Following:
    """One reader of all partitions; `effects` grow with what it takes in."""

    def __init__(self, settings: Settings, keys: Keyring) -> None:
        self._settings = settings
        self.effects = Effects(keys)
        self._table = GlobalTable(Q_TABLE, settings)
        self._admin = clients.admin(settings)
        self._reader = clients.reader(settings, wait_ms=WAIT_MS)
        self._names = {settings.topic(topic): topic for topic in FOLLOWED}
        self._ends: dict[tuple[str, int], int] = {}

    def start(self) -> None:
        """From the beginning of every topic."""
        self._table.start()
        places = [
            TopicPartition(name, number, OFFSET_BEGINNING)
            for name, topic in self._names.items()
            for number in self._numbers(topic)
        ]
        self._reader.assign(places)
        self._to_ends(FOLLOWED)

    def close(self) -> None:
        """Leave."""
        self._reader.close()
        self._table.close()

    @property
    def values(self) -> Values:
        """The learned values as they stand."""
        return next(iter(self._table.view.values()), NO_VALUES)

    @property
    def is_known(self) -> bool:
        """Whether the decider has seen all that was learned, by what it wrote down of its tables."""
        return self.effects.known >= self._learned()

    def ticked(self, partition: int, at: datetime) -> None:
        """Return once the decider has met the tick of this time."""
        self._until(lambda: self.effects.has_ticked(partition, at), "decider")

    def settled(self, partition: int, root: int, at: datetime | None = None) -> None:
        """Return once the record at `root` of this partition, and time up to `at`, have had all their effects."""
        seen = self.effects
        self._until(lambda: seen.has_passed(partition, root), "extractor")
        while True:
            self._until(lambda: not seen.is_overdue("threads", partition, at), "extractor")
            self._to_ends(("enriched", "threads"), partition)
            self._until(lambda: seen.are_answered and not seen.is_overdue("leads", partition, at), "decider")
            self._to_ends(("decisions", "leads"), partition)
            if seen.are_answered and not seen.is_overdue("threads", partition, at):
                break
        self._to_ends(("transitions",))
        self._until(lambda: self._learned() >= seen.taught, "learner", TABLE_LOOK_SECONDS)

    def _learned(self) -> int:
        self._table.poll()
        return max(self._table.versions.values(), default=-1)

    def _numbers(self, topic: str) -> range:
        return range(TOPICS[topic].partitions(self._settings.partitions))

    def _to_ends(self, topics: tuple[str, ...], partition: int | None = None) -> None:
        """Read on to the ends as they stand now, open transactions included."""
        wanted = {(topic, number): end for topic in topics for number, end in self._latest(topic, partition)}

        def arrived() -> bool:
            return all(self._ends.get(place, 0) >= end for place, end in wanted.items())

        self._until(arrived, "broker")

    def _latest(self, topic: str, partition: int | None) -> Iterator[tuple[int, int]]:
        numbers = self._numbers(topic) if partition is None else (partition,)
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # its stubs lack types
        asked = {TopicPartition(self._settings.topic(topic), number): latest for number in numbers}
        found = self._admin.list_offsets(
            asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=CALL_SECONDS
        )
        for place, future in found.items():
            yield place.partition, future.result(CALL_SECONDS).offset

    def _until(self, done: Callable[[], bool], who: str, look: float = LOOK_SECONDS) -> None:
        deadline = time.monotonic() + STALLED_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise NotReady(
                    f"the demo has waited {STALLED_SECONDS:.0f} s for the {who}: its log says why, in the folder"
                    " `logs` of the data folder"
                )
            first = self._reader.poll(look)
            for message in () if first is None else (first, *self._reader.consume(500, 0)):
                self._add(message)

    def _add(self, message: Message) -> None:
        name, number, offset = message.topic() or "", message.partition() or 0, message.offset() or 0
        topic, error = self._names.get(name, ""), message.error()
        if error is None:
            key, data = (message.key() or b"").decode(), message.value()
            if data is not None:
                self.effects.take(topic, number, offset, key, decode(topic, data))
        elif error.code() == END:
            self._ends[topic, number] = offset
        else:
            pass_over(error)
