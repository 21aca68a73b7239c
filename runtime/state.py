"""One input partition in memory: committed states, the writes of the open batch, and its time."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from runtime.errors import NotReady, Rejected
from runtime.transform import Emit, Headers, Message, Output, Record, Transform, Wake, tick_of
from runtime.wakes import Wakes
from schemas.codec import NewerSchema, Undecodable, decode_keyed, encode, headers
from schemas.position import Position
from schemas.topics import POSITION_KEY, TOPICS

State = TypeVar("State")

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Partition time of a partition that has seen nothing."""

LETTER_BYTES = 900_000
"""Of a dead letter: the producer refuses more than 1 MB, which a compressed batch of the source may exceed."""

_TRACE = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Partition(Generic[State]):
    """Runs a transform over one partition's messages; nothing is committed before `fold`.

    `tables` gives the versions of the tables that a handler may have looked at.
    """

    def __init__(
        self,
        transform: Transform[State],
        number: int,
        tables: Callable[[], dict[str, int]] = dict,
        states: dict[str, State] | None = None,
        position: Position | None = None,
    ) -> None:
        self._transform = transform
        self.number = number
        self._tables = tables
        self._states = states if states is not None else {}
        self._written: dict[str, State | None] = {}
        changelog = transform.changelog
        self._timed = changelog is not None and Position in TOPICS[changelog].events.values()
        self._bad = (Undecodable, Rejected, NewerSchema) if transform.outside else (Undecodable, Rejected)
        self._placement = TOPICS[transform.sources[0]].placement
        self._committed = position or Position(BEGINNING, BEGINNING, -1)
        self.position = self._committed
        self.next_offset: int | None = None
        self.uncommitted = False
        self._redo_below: int | None = None
        self.emits: list[Emit] = []
        self.size = 0
        self._wakes = Wakes()
        self._rebuild()

    def take(self, message: Message) -> bool:
        """Handle one live message; False where it was rejected and became a dead letter.

        Any other error of the handler leaves the message to be taken again.
        """
        if self._is_stale(message.offset):
            return True
        fine = True
        try:
            self._take(message)
        except self._bad as reason:
            self._bury(message, reason)
            fine = False
        self.next_offset, self.uncommitted = message.offset + 1, True
        return fine

    def wake(self, limit: int) -> int:
        """Handle at most `limit` released wakes; returns how many there were."""
        for count in range(limit):
            wake = self._wakes.next()
            if wake is None:
                return count
            self.uncommitted = True
            self._woken(wake)
        return limit

    @property
    def overdue(self) -> int:
        """Wakes that a tick has released and that were not handled yet."""
        return len(self._wakes)

    def get(self, key: str) -> State | None:
        """The key's state with the writes of the open batch."""
        return self._written[key] if key in self._written else self._states.get(key)

    def changes(self) -> Iterator[Emit]:
        """The changelog records of the open batch, and the partition's own."""
        changelog = self._transform.changelog
        if changelog is None:
            return
        for key, after in self._written.items():
            if after is None:
                yield self._change(changelog, key, None)
                continue
            for record_key, value in self._transform.changes.records(key, self._states.get(key), after):
                yield self._change(changelog, record_key, value)
        if self._timed:
            self.position = replace(self.position, tables={**self.position.tables, **self._tables()})
            yield self._change(changelog, POSITION_KEY, self.position)

    def fold(self) -> None:
        """The transaction is committed: the open batch becomes the committed state."""
        for key, after in self._written.items():
            if after is None:
                self._states.pop(key, None)
            else:
                self._states[key] = after
        self._committed = self.position
        self._clear()

    def drop(self, next_offset: int | None) -> None:
        """The transaction was aborted: forget the open batch; `next_offset` is where it began.

        Messages that the client had handed over by then still come, before those that are read again.
        """
        if self.next_offset is not None and self.next_offset != next_offset:
            self._redo_below = self.next_offset
        self.position, self.next_offset = self._committed, next_offset
        self._clear()
        self._rebuild()

    @property
    def count(self) -> int:
        """How many keys have a committed state."""
        return len(self._states)

    def _is_stale(self, offset: int) -> bool:
        """Handled already, or handed over before an abort whose messages are still to be read again."""
        if self._redo_below is not None and offset >= self._redo_below:
            return True
        self._redo_below = None
        return self.next_offset is not None and offset < self.next_offset

    def _clear(self) -> None:
        self._written.clear()
        self.emits = []
        self.size = 0
        self.uncommitted = False

    def _rebuild(self) -> None:
        self._wakes = Wakes()
        for key, state in self._states.items():
            self._wakes.at(key, self._transform.due(state))
        self._wakes.release(self.position.ticked, self.position.root_offset)

    def _take(self, message: Message) -> None:
        key, value = decode_keyed(message.topic, message.key, message.value)
        value, recorded = _told(message, value)
        if tick_of(value):
            self._tick(message, key, value)
            return
        wake = self._wakes.of(key)
        if wake is not None:
            self._woken(wake)
        now = recorded if self._transform.changelog is None else max(self.position.time, recorded)
        record = Record(message.topic, message.partition, message.offset, key, value, now)
        self._handle(key, record, _trace(message))
        self.position = replace(self.position, time=now)

    def _tick(self, message: Message, key: str, value: Any) -> None:
        if value.recorded_at <= self.position.time:
            return
        while (wake := self._wakes.next()) is not None:
            self._woken(wake)  # each under the tick that released it, however ticks are batched
        now, root = value.recorded_at, getattr(value, "root_offset", message.offset)
        record = Record(message.topic, message.partition, message.offset, key, value, now)
        _state, outputs = self._transform.handle(None, record)
        self._emit(outputs, None)
        self.position = replace(self.position, time=now, ticked=now, root_offset=root)
        self._wakes.release(now, root)

    def _woken(self, wake: Wake) -> None:
        try:
            self._handle(wake.key, wake, None)
        except NotReady:
            self._wakes.put_back(wake)
            raise
        after = self.get(wake.key)
        due = None if after is None else self._transform.due(after)
        if due is not None and due <= wake.now:
            raise ValueError(f"{self._transform.name}: a wake left its key due at or before its own tick")

    def _handle(self, key: str, record: Record | Wake, trace: bytes | None) -> None:
        state, outputs = self._transform.handle(self.get(key), record)
        self._emit(outputs, trace)
        self._written[key] = state
        self._wakes.at(key, None if state is None else self._transform.due(state))
        self._wakes.release(self.position.ticked, self.position.root_offset)

    def _emit(self, outputs: Any, trace: bytes | None) -> None:
        carried = [("traceparent", trace)] if trace else []
        for output in outputs:
            self._append(self._emitted(output, carried))

    def _emitted(self, output: Output, carried: Headers) -> Emit:
        """Beside its input, where the state of its key is; without state the key alone places it (rule 15)."""
        stateful = self._transform.changelog is not None
        beside = stateful and TOPICS[output.topic].placement == self._placement
        return Emit(
            output.topic,
            self.number if beside else None,
            output.key.encode(),
            encode(output.topic, output.value),
            headers(output.topic, output.value) + carried,
        )

    def _change(self, topic: str, key: str, value: Any) -> Emit:
        data = None if value is None else encode(topic, value)
        return Emit(topic, self.number, key.encode(), data, [])

    def _bury(self, message: Message, reason: Exception) -> None:
        if message.size > LETTER_BYTES:
            left_out = f"key, value and headers, {message.size} bytes; read them where the record stood"
            message = replace(message, key=None, value=None, headers=[("dead-left-out", left_out.encode())])
        said = message.dead(self._transform.name, reason)
        name = f"{self._transform.name}.dead"
        self._append(Emit(name, self.number, message.key, message.value, said))

    def _append(self, emit: Emit) -> None:
        self.emits.append(emit)
        self.size += len(emit.value or b"")


def _told(message: Message, value: Any) -> tuple[Any, datetime]:
    """The event, and when it was told: as it says but never after the broker's own time, else by that time."""
    recorded: datetime | None = getattr(value, "recorded_at", message.appended)
    if recorded is None:
        raise Rejected(f"the broker gave it no time; run `academy topics apply` to mend {message.topic}")
    if message.appended is not None and recorded > message.appended:
        return replace(value, recorded_at=message.appended), message.appended
    return value, recorded


def _trace(message: Message) -> bytes | None:
    """The record's trace context; a malformed one is left out, for it is passed on as it stands."""
    found = next((value for name, value in message.headers if name == "traceparent"), b"")
    return found if _TRACE.fullmatch(found) else None
