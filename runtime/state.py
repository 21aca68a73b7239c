"""One input partition in memory: committed states, the writes of the open batch, and its time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from runtime.envelope import buried, carried, made_anew, original, told, trace_of
from runtime.errors import NotReady, Rejected
from runtime.shelf import Shelf, shelf_of
from runtime.transform import Emit, Headers, Message, Output, Record, Transform, Wake, tick_of
from runtime.wakes import Wakes
from schemas.codec import NewerSchema, Undecodable, decode_keyed, encode, headers
from schemas.position import Position
from schemas.topics import POSITION_KEY, TOPICS

State = TypeVar("State")

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Partition time of a partition that has seen nothing."""


@dataclass(slots=True)
class Batch(Generic[State]):
    """What was handled and is not committed: outputs, states (None ends one), and the next offsets by topic."""

    emits: list[Any] = field(default_factory=list)
    written: dict[str, State | None] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    size: int = 0
    touched: bool = False


class Partition(Generic[State]):
    """Runs a transform over one partition's messages; nothing is committed before `fold`.

    What could not be committed stays ready and is written with the next commit (rule 3). `tables` gives the versions
    of the tables that a handler may have looked at; `offsets` are the next ones to handle, by topic.
    """

    def __init__(
        self,
        transform: Transform[State],
        number: int,
        tables: Callable[[], dict[str, int]] = dict,
        shelf: Shelf[State] | None = None,
        position: Position | None = None,
    ) -> None:
        self._transform = transform
        self.number = number
        self._tables = tables
        self._shelf = shelf_of(transform) if shelf is None else shelf
        self._open: Batch[State] = Batch()
        changelog = transform.changelog
        self._timed = changelog is not None and Position in TOPICS[changelog].events.values()
        self._bad = (Undecodable, Rejected, NewerSchema) if transform.outside else (Undecodable, Rejected)
        self._source = transform.sources[0]
        self._placement = TOPICS[self._source].placement
        self._place = cache(self._place_of)
        self._position = position or Position(BEGINNING, BEGINNING, -1)
        self._time = self._position.time
        self.offsets = {self._source: 0}
        self._wakes = Wakes(self._shelf.dues())
        self._wakes.release(self._position.ticked, self._position.root_offset)

    def take(self, message: Message) -> bool:
        """Handle one message, live or redriven; False where it was rejected and became a dead letter.

        Any other error of the handler leaves the message to be taken again. Raises Misconfigured for one that was
        handled before: nothing is read twice unless the topic was made anew.
        """
        if message.offset < self.offsets.get(message.topic, 0):
            raise made_anew(message, self.offsets[message.topic])
        fine, taken = True, message
        try:
            taken = message if message.topic == self._source else original(message, self._source)
            self._take(taken)
        except self._bad as reason:
            self._append(buried(taken, self._transform.name, reason))
            fine = False
        except NewerSchema as newer:
            raise NewerSchema(
                f"{message.topic}/{message.partition} offset {message.offset}: {newer}"
            ) from newer
        self.offsets[message.topic] = message.offset + 1
        self._open.touched = True
        return fine

    def wake(self, limit: int) -> int:
        """Handle at most `limit` released wakes; returns how many there were."""
        for count in range(limit):
            wake = self._wakes.next()
            if wake is None:
                return count
            self._woken(wake)
        return limit

    def settle(self) -> None:
        """Take in what has come from outside; here nothing is asked."""

    def cancel(self) -> None:
        """The partition was taken away; here nothing is under way."""

    @property
    def overdue(self) -> int:
        """Wakes that a tick has released and that were not handled yet."""
        return len(self._wakes)

    @property
    def timed(self) -> int:
        """States that wait for a moment of their own."""
        return self._wakes.timed

    @property
    def waiting(self) -> int:
        """Inputs that wait for something from outside."""
        return 0

    @property
    def ready(self) -> Batch[State]:
        """What a commit would write, `changes` besides."""
        self._open.offsets = self.offsets
        return self._open

    @property
    def uncommitted(self) -> bool:
        """Whether there is something to commit."""
        return self.ready.touched

    @property
    def emits(self) -> list[Emit]:
        """The outputs and dead letters that are ready."""
        return self.ready.emits

    @property
    def next_offset(self) -> int:
        """Of the source: the one after the last message that was taken."""
        return self.offsets[self._source]

    def get(self, key: str) -> State | None:
        """The key's state with everything that was handled."""
        return self._open.written[key] if key in self._open.written else self._shelf.get(key)

    def changes(self) -> Iterator[Emit]:
        """The changelog records of what is ready, and the partition's own."""
        changelog = self._transform.changelog
        if changelog is None:
            return
        for key, data, said in self._shelf.changes(self.ready.written):
            yield Emit(changelog, self.number, key.encode(), data, said)
        if self._timed:
            tables = {**self._position.tables, **self._tables()}
            self._position = replace(self._position, tables=tables)
            reached = replace(self._reached, tables=tables, next_offset=self.ready.offsets[self._source])
            yield Emit(changelog, self.number, POSITION_KEY.encode(), encode(changelog, reached), [])

    def fold(self) -> None:
        """The transaction is committed: what was ready becomes the committed state."""
        self._shelf.fold(self.ready.written)
        self._folded()

    @property
    def count(self) -> int:
        """How many keys have a committed state."""
        return len(self._shelf)

    @property
    def position(self) -> Position:
        """Where the partition stands in time, and the tables that were looked at."""
        return replace(self._position, time=self._time)

    @property
    def _reached(self) -> Position:
        """The position that belongs to what is ready."""
        return self.position

    def _folded(self) -> None:
        self._open = Batch()

    def _take(self, message: Message) -> None:
        key, value = decode_keyed(message.topic, message.key, message.value)
        value, recorded = told(message, value)
        if tick_of(value):
            self._tick(message, key, value)
            return
        wake = self._wakes.of(key)
        if wake is not None:
            self._woken(wake)
        now = recorded
        if self._time > recorded and self._transform.changelog is not None:
            now = self._time
        record = Record(message.topic, message.partition, message.offset, key, value, now)
        self._handle(key, record, trace_of(message))
        self._time = now

    def _tick(self, message: Message, key: str, value: Any) -> None:
        if value.recorded_at <= self._time:
            return
        while (wake := self._wakes.next()) is not None:
            self._woken(wake)  # each under the tick that released it, however ticks are batched
        now, root = value.recorded_at, getattr(value, "root_offset", message.offset)
        record = Record(message.topic, message.partition, message.offset, key, value, now)
        _state, outputs = self._transform.handle(None, record)
        self._emit(outputs, None)
        self._position, self._time = replace(self._position, ticked=now, root_offset=root), now
        self._wakes.release(now, root)

    def _woken(self, wake: Wake) -> None:
        try:
            self._handle(wake.key, wake, None)
        except NotReady:
            self._wakes.put_back(wake)
            raise
        after = self.get(wake.key)
        due = None if after is None else self._due(after)
        if due is not None and due <= wake.now:
            raise ValueError(f"{self._transform.name}: a wake left its key due at or before its own tick")

    def _handle(self, key: str, record: Record | Wake, trace: bytes | None) -> None:
        state, outputs = self._transform.handle(self.get(key), record)
        self._emit(outputs, trace)
        self._open.written[key], self._open.touched = state, True
        if self._transform.due is not None:
            self._wakes.at(key, None if state is None else self._due(state))
            self._wakes.release(self._position.ticked, self._position.root_offset)

    def _due(self, state: State) -> datetime | None:
        return None if self._transform.due is None else self._transform.due(state)

    def _emit(self, outputs: Iterable[Any], trace: bytes | None) -> None:
        for output in outputs:
            self._append(self._emitted(output, carried(trace)))

    def _emitted(self, output: Output, more: Headers) -> Emit:
        topic, value = output.topic, output.value
        place = self._place(topic)
        return Emit(topic, place, output.key.encode(), encode(topic, value), headers(topic, value) + more)

    def _place_of(self, topic: str) -> int | None:
        """Beside its input, where the state of its key is; without state the key alone places it (rule 15)."""
        stateful = self._transform.changelog is not None
        return self.number if stateful and TOPICS[topic].placement == self._placement else None

    def _append(self, emit: Emit) -> None:
        self._open.emits.append(emit)
        self._open.size += len(emit.value or b"")
