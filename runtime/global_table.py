"""A compacted topic read whole by every instance, without a group; it only ever shows whole commits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined] # its stubs lack it

from runtime import clients
from runtime.errors import Misconfigured, NotReady
from runtime.messages import END, pass_over
from runtime.settings import Settings
from schemas.codec import decode

View = TypeVar("View")
Rows = list[tuple[str, Any]]

CALL_SECONDS = 10.0
ONCE = 1000
"""Messages that one poll takes in beside the first."""
LEADER_MOVES = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.UNKNOWN_LEADER_EPOCH)
"""A broker that has just started says so until it has caught up with its own metadata."""
STALLED_SECONDS = 30.0
"""A read that makes no progress for so long will make none."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One commit of one table, as its marker says it."""

    table: str
    version: int
    previous: int
    rows: int


@dataclass(frozen=True, slots=True)
class Folding(Generic[View]):
    """How rows become a view: `chain` reads a marker (None for a row), `apply` folds one whole commit.

    Without `chain` every record is a commit of its own.
    """

    topic: str
    empty: View
    apply: Callable[[View, Rows], View]
    chain: Callable[[str, Any], Chain | None] | None = None
    owner: Callable[[str], str] = lambda key: key
    """The table that a key belongs to: commits of several arrive mixed."""


class Staging(Generic[View]):
    """Rows wait until their marker; a broken chain is shown to nobody. Knows no Kafka."""

    def __init__(self, folding: Folding[View]) -> None:
        self.folding = folding
        self.view = folding.empty
        self.versions: dict[str, int] = {}
        self.broken = False
        self._rows: dict[str, Rows] = {}

    @property
    def unmarked(self) -> list[str]:
        """Tables with rows that no marker has ended; every commit is read whole, so at an end there is none."""
        return sorted(self._rows)

    def add(self, key: str, value: Any, *, strict: bool) -> None:
        """One record; `strict` holds the marker to the version before and the count of rows."""
        chain = self.folding.chain(key, value) if self.folding.chain else None
        rows = self._rows.setdefault(self.folding.owner(key), [])
        rows.append((key, value))
        if self.folding.chain is not None and chain is None:
            return
        if chain is not None:
            whole = chain.previous == self.versions.get(chain.table, -1) and chain.rows == len(rows) - 1
            self.broken = self.broken or (strict and not whole)
            self.versions[chain.table] = chain.version
        self.view = self.folding.apply(self.view, rows)
        del self._rows[self.folding.owner(key)]


class GlobalTable(Generic[View]):
    """Follows the topic; `view` is meaningful while `serving`."""

    def __init__(self, folding: Folding[View], settings: Settings) -> None:
        self._settings = settings
        self._topic = settings.topic(folding.topic)
        self._staging = Staging(folding)
        self._ends: dict[int, int] = {}
        self._stands: dict[str, int] = {}

    @property
    def view(self) -> View:
        """The table as of the last whole commit that was read."""
        return self._staging.view

    @property
    def versions(self) -> dict[str, int]:
        """The version of each table in the view."""
        return self._staging.versions

    @property
    def serving(self) -> bool:
        """Whether the captured end was reached and the chain of commits is whole since."""
        return not self._ends

    def start(self) -> None:
        """Read from the beginning to the end as it stands now."""
        self._consumer: Consumer = clients.reader(self._settings, wait_ms=200)
        self._ends = end_offsets(self._settings, self._topic)
        self._consumer.assign(
            [TopicPartition(self._topic, number, OFFSET_BEGINNING) for number in self._ends]
        )
        self.catch_up()

    def catch_up(self) -> None:
        """Read until serving; raises NotReady where nothing moves any more."""
        deadline = time.monotonic() + STALLED_SECONDS
        while not self.serving:
            if self.poll(0.1):
                deadline = time.monotonic() + STALLED_SECONDS
            elif time.monotonic() > deadline:
                raise NotReady(f"{self._topic} stands still at {self._ends}, short of its end")

    def poll(self, wait: float = 0.0) -> int:
        """Take in what has arrived; returns how many messages that was."""
        first = self._consumer.poll(wait)
        if first is None:
            return 0
        messages = [first, *self._consumer.consume(ONCE, 0)]
        for message in messages:
            self._add(message)
        if self._staging.broken:
            self._staging.broken = False
            ends = end_offsets(self._settings, self._topic)
            self._ends = {number: end for number, end in ends.items() if end > 0}
            self._ask_again()
        return len(messages)

    def close(self) -> None:
        """Leave."""
        self._consumer.close()

    def _add(self, message: Message) -> None:
        error = message.error()
        if error is not None:
            if error.code() == END:
                self._arrived(message.partition() or 0, message.offset() or 0)
            else:
                pass_over(error)
            return
        key, data = message.key(), message.value()
        if key is None:
            return
        value = None if data is None else decode(self._staging.folding.topic, data)
        name = key.decode()
        self._stands[self._staging.folding.owner(name)] = message.partition() or 0
        self._staging.add(name, value, strict=self.serving)

    def _ask_again(self) -> None:
        """A partition at rest told its end once: read on from where we are, and it tells it again."""
        places = [TopicPartition(self._topic, number) for number in self._ends]
        for place in self._consumer.position(places):
            if place.offset >= 0:
                self._consumer.seek(place)

    def _arrived(self, number: int, offset: int) -> None:
        unmarked = [table for table in self._staging.unmarked if self._stands[table] == number]
        if unmarked:
            tables = ", ".join(unmarked)
            raise Misconfigured(
                f"{self._topic}/{number}: rows before offset {offset} have no marker that ends them ({tables}): "
                "another program wrote them, or the marker was deleted; run `academy state rebuild`"
            )
        if number in self._ends and offset >= self._ends[number]:
            del self._ends[number]


def refresh(tables: Sequence[GlobalTable[Any]]) -> None:
    """Take in what has arrived on each; one whose chain broke is read to its end."""
    for table in tables:
        table.poll()
        if not table.serving:
            table.catch_up()


def end_offsets(settings: Settings, topic: str, numbers: list[int] | None = None) -> dict[int, int]:
    """The end of each partition, open transactions included: a read_committed reader waits for them (rule 9)."""
    admin = clients.admin(settings)
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        try:
            return _ends(admin, topic, numbers)
        except KafkaException as wrong:
            error = wrong.args[0]
            passing = error.retriable() or error.code() in LEADER_MOVES
            if not passing or time.monotonic() > deadline:
                raise NotReady(f"topic {topic} does not say where it ends: {error.str()}") from wrong
            time.sleep(0.1)


def _ends(admin: AdminClient, topic: str, numbers: list[int] | None) -> dict[int, int]:
    """The metadata is asked for first: a client that knows no broker yet may wait for seconds before it asks."""
    metadata = admin.list_topics(topic, timeout=CALL_SECONDS).topics[topic]
    if metadata.error is not None:
        raise KafkaException(metadata.error)
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # its stubs lack types
    found = admin.list_offsets(
        {
            TopicPartition(topic, number): latest
            for number in (metadata.partitions if numbers is None else numbers)
        },
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=CALL_SECONDS,
    )
    return {place.partition: future.result(CALL_SECONDS).offset for place, future in found.items()}
