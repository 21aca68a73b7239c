"""The committed states of one partition, how they come back from the changelog, and how changes are written to it.

A state that is one changelog record stays its bytes, a third of the size of what they say: only states that were used
of late are open besides.
"""

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from runtime.errors import Misconfigured
from runtime.transform import Headers, Transform
from schemas.codec import FRAME, Undecodable, check, decode, encode

State = TypeVar("State")

OPEN = 10_000
"""States that are kept open at the most; more than a commit may hold."""

DUE = "due"
"""Header of a state's record: its next moment, microseconds of the epoch, so that a restore need not read the state."""

MEND = "run `academy state rebuild`"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROS = struct.Struct(">q")
_MICROSECOND = timedelta(microseconds=1)

Change = tuple[str, bytes | None, Headers]
"""A changelog record: its key, its value (None ends the state), its headers."""


class Shelf(Protocol[State]):
    """What a partition asks of its committed states."""

    def restore(self, key: str, data: bytes | None, headers: Headers) -> None:
        """Apply one changelog record; raises Undecodable or NewerSchema."""

    def dues(self) -> dict[str, datetime]:
        """The moments that the restored states name, by key."""

    def get(self, key: str) -> State | None:
        """The state of a key."""

    def changes(self, written: Mapping[str, State | None]) -> Iterator[Change]:
        """The changelog records of what was written, unless nothing changed."""

    def fold(self, written: Mapping[str, State | None]) -> None:
        """What was written is committed."""

    def __len__(self) -> int:
        """Keys with a state."""


class Whole(Generic[State]):
    """One changelog record per key: its whole state."""

    def __init__(self, transform: Transform[State]) -> None:
        self._topic, self._due = transform.changelog or "", transform.due
        self._states: dict[str, Any] = {}
        self._open: dict[str, State] = {}
        self._encoded: dict[str, bytes] = {}
        self._dues: dict[str, datetime] = {}
        self._frames: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._states)

    def restore(self, key: str, data: bytes | None, headers: Headers) -> None:
        """The last record of a key is its state; a tombstone ends it."""
        self._dues.pop(key, None)
        if data is None:
            self._states.pop(key, None)
            return
        if data[:FRAME] not in self._frames:
            check(self._topic, data)
            self._frames.add(data[:FRAME])
        self._states[key] = data
        due = None if self._due is None else self._restored_due(data, headers)
        if due is not None:
            self._dues[key] = due

    def dues(self) -> dict[str, datetime]:
        """Given away: afterwards the partition knows them."""
        dues, self._dues = self._dues, {}
        return dues

    def get(self, key: str) -> State | None:
        """Open, or opened now."""
        state = self._open.get(key)
        if state is not None:
            return state
        kept: Any = self._states.get(key)
        if not isinstance(kept, bytes):
            return kept  # type: ignore[no-any-return] # none, or a state that was never written
        try:
            opened: State = decode(self._topic, kept)
        except Undecodable as wrong:  # nothing is wrong with the record that asks for it
            raise Misconfigured(f"the state of {key} on {self._topic} is damaged: {wrong}; {MEND}") from wrong
        self._keep_open(key, opened)
        return opened

    def changes(self, written: Mapping[str, State | None]) -> Iterator[Change]:
        """Bytes that differ from those that are kept."""
        for key, after in written.items():
            if after is None:
                yield key, None, []
                continue
            data = self._encoded[key] = encode(self._topic, after)
            if data != self._states.get(key):
                yield key, data, self._headers(after)

    def fold(self, written: Mapping[str, State | None]) -> None:
        """The bytes are those of `changes`; where none were asked for, nobody restores them, and the state will do."""
        for key, after in written.items():
            data = self._encoded.get(key)
            if after is None:
                self._states.pop(key, None)
                self._open.pop(key, None)
            elif data is None:
                self._states[key] = after
            else:
                self._states[key] = data
                self._keep_open(key, after)
        self._encoded = {}

    def _keep_open(self, key: str, state: State) -> None:
        if len(self._open) >= OPEN:
            self._open.clear()
        self._open[key] = state

    def _headers(self, state: State) -> Headers:
        if self._due is None:
            return []
        due = self._due(state)
        return [(DUE, b"" if due is None else _MICROS.pack((due - _EPOCH) // _MICROSECOND))]

    def _restored_due(self, data: bytes, headers: Headers) -> datetime | None:
        told = next((value for name, value in headers if name == DUE), None)
        if told is None:  # written before there was such a header
            return None if self._due is None else self._due(decode(self._topic, data))
        return _EPOCH + _MICROS.unpack(told)[0] * _MICROSECOND if told else None


class Parts(Generic[State]):
    """Several changelog records per key, as the transform's `changes` say; the states are few, and stay open."""

    def __init__(self, transform: Transform[State]) -> None:
        assert transform.changes is not None  # noqa: S101 - `shelf_of` looks
        self._topic, self._due, self._changes = transform.changelog or "", transform.due, transform.changes
        self._states: dict[str, State] = {}

    def __len__(self) -> int:
        return len(self._states)

    def restore(self, key: str, data: bytes | None, headers: Headers) -> None:  # noqa: ARG002 - states are whole
        """One part."""
        self._changes.restore(self._states, key, None if data is None else decode(self._topic, data))

    def dues(self) -> dict[str, datetime]:
        """Of each state."""
        if self._due is None:
            return {}
        named = {key: self._due(state) for key, state in self._states.items()}
        return {key: due for key, due in named.items() if due is not None}

    def get(self, key: str) -> State | None:
        """As it was folded."""
        return self._states.get(key)

    def changes(self, written: Mapping[str, State | None]) -> Iterator[Change]:
        """The parts that changed."""
        for key, after in written.items():
            if after is None:
                yield key, None, []
                continue
            for part, value in self._changes.records(key, self._states.get(key), after):
                yield part, None if value is None else encode(self._topic, value), []

    def fold(self, written: Mapping[str, State | None]) -> None:
        """The state itself."""
        for key, after in written.items():
            if after is None:
                self._states.pop(key, None)
            else:
                self._states[key] = after


def shelf_of(transform: Transform[State]) -> Shelf[State]:
    """An empty one, for a transform's states."""
    return Whole(transform) if transform.changes is None else Parts(transform)
