"""What a service is: the topics it reads and one pure, keyed handler."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from domain.events import Tick, TickEnriched

State = TypeVar("State")
Headers = list[tuple[str, bytes]]


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as the client gave it; `appended` is the broker's own time where the topic keeps it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    appended: datetime | None

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        return sum(len(part) for part in (self.key or b"", self.value or b"", *map(_bytes, self.headers)))

    def dead(self, group: str, reason: Exception) -> Headers:
        """The headers of its dead letter: its own, then where it stood and why it could not be taken."""
        return [
            *self.headers,
            ("dead-topic", self.topic.encode()),
            ("dead-partition", str(self.partition).encode()),
            ("dead-offset", str(self.offset).encode()),
            ("dead-group", group.encode()),
            ("dead-class", type(reason).__name__.encode()),
            ("dead-reason", str(reason).encode()),
        ]


class Emit(msgspec.Struct, frozen=True, gc=False):
    """One message to produce; without a partition the key places it."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers


class Record(msgspec.Struct, frozen=True, gc=False):
    """One message, decoded; `value` is None for a tombstone, `now` is partition time at this record."""

    topic: str
    partition: int
    offset: int
    key: str
    value: Any
    now: datetime


@dataclass(frozen=True, slots=True)
class Wake:
    """A key's own moment has come: its state said `due`, and the tick at `root_offset` passed it."""

    key: str
    due: datetime
    now: datetime
    root_offset: int


class Output(msgspec.Struct, frozen=True, gc=False):
    """One event to write; topics co-partitioned with the input keep its partition."""

    topic: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Question:
    """What must be asked outside before an input's outputs are known; it stands among them, in their place.

    `finish` is pure and gives them from the reply, which is None where none came in time. The state never waits
    for a reply: the handler gives it at once.
    """

    request: Any
    finish: Callable[[Any], Iterable[Output]]


def _is_there(reply: Any) -> bool:
    return reply is not None


@dataclass(frozen=True, slots=True)
class Asking:
    """How a transform's questions are asked: many at once, each with all its retries within a deadline.

    `ask` returns the reply, None where there is none to be had; what it raises ends the service, for the state was
    changed by then and nothing can be set aside any more. `works` says of a reply whether it shows that the other
    side works: after `failures` in a row that do not, nothing is asked for `rest_seconds`. `close` is awaited where
    the questions are, at the end.
    """

    ask: Callable[[Any], Awaitable[Any]]
    in_flight: int = 100
    seconds: float = 10.0
    works: Callable[[Any], bool] = _is_there
    failures: int = 5
    rest_seconds: float = 30.0
    close: Callable[[], Awaitable[None]] | None = None


class Changes(Protocol[State]):
    """How the changes of one key become changelog records, and records become state again."""

    def records(self, key: str, before: State | None, after: State) -> Iterable[tuple[str, Any]]:
        """The (record key, value) pairs that one commit writes for a key that changed."""

    def restore(self, states: dict[str, State], key: str, value: Any) -> None:
        """Apply one changelog record."""


Handle = Callable[[State | None, Record | Wake], tuple[State | None, Iterable[Output | Question]]]


@dataclass(frozen=True, slots=True)
class Transform(Generic[State]):
    """A service from Kafka to Kafka: `handle` is a pure function of state, record and bound tables.

    `changelog` is the state topic, None where no record rests on an earlier one: then `now` is the record's own
    time. `changes` says what of a state is written where that is not one record of the whole. `due` names a state's
    next moment, or None. `outside` says that others write the source: any bad record
    is a dead letter, and many of them slow the reading down where they would stop a service that reads our own.
    `asking` is there where a handler may give a Question. A handler raises Rejected for a record that can never work.
    """

    name: str
    sources: tuple[str, ...]
    changelog: str | None
    handle: Handle[State]
    changes: Changes[State] | None = None
    due: Callable[[State], datetime | None] | None = None
    commit_seconds: float = 0.1
    outside: bool = False
    asking: Asking | None = None

    @property
    def redrive(self) -> str:
        """The topic from which this service alone takes dead letters again."""
        return f"{self.name}.redrive"


def tick_of(value: Any) -> bool:
    """Whether an event is time itself."""
    return isinstance(value, Tick | TickEnriched)


def _bytes(header: tuple[str, bytes]) -> bytes:
    return header[0].encode() + header[1]
