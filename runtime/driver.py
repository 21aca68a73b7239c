"""The in-memory twin of the processor: one partition, every event through the codec, a commit after each."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from runtime.ahead import Ask, partition_of
from runtime.shelf import shelf_of
from runtime.transform import Asking, Emit, Message, Transform
from schemas.codec import decode, encode
from schemas.topics import POSITION_KEY

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Written:
    """One message that the transform wrote, decoded; dead letters keep their bytes."""

    topic: str
    key: str
    value: Any


class Driver(Generic[State]):
    """Feeds a transform message by message, as one partition would."""

    def __init__(
        self, transform: Transform[State], tables: Callable[[], dict[str, int]] = dict, number: int = 0
    ) -> None:
        self._transform = transform
        self._tables = tables
        self._offset = -1
        self.number = number
        self._ask = None if transform.asking is None else _asked_at_once(transform.asking)
        self.partition = partition_of(transform, number, self._ask, tables)
        self.log: list[Written] = []
        self._changelog: list[Emit] = []

    def send(self, key: str, value: Any) -> list[Written]:
        """One event on the transform's source, with the wakes it releases; returns all that was written."""
        topic = self._transform.sources[0]
        return self.send_bytes(key.encode(), encode(topic, value))

    def send_bytes(
        self, key: bytes | None, data: bytes | None, appended: datetime | None = None
    ) -> list[Written]:
        """Any bytes at all on the transform's source."""
        self._offset += 1
        topic = self._transform.sources[0]
        self.partition.take(Message(topic, self.number, self._offset, key, data, [], appended))
        while self.partition.overdue:
            self.partition.wake(1)
        return self.commit()

    def commit(self) -> list[Written]:
        """The open batch becomes visible; nothing is written where nothing was handled."""
        self.partition.settle()
        if not self.partition.uncommitted:
            return []
        emits = [*self.partition.emits, *self.partition.changes()]
        self.partition.fold()
        self._changelog += [emit for emit in emits if emit.topic == self._transform.changelog]
        written = [_written(emit) for emit in emits]
        self.log += written
        return written

    def restart(self) -> None:
        """Forget everything but the changelog, and restore from it."""
        shelf, position = shelf_of(self._transform), None
        for emit in self._changelog:
            key = (emit.key or b"").decode()
            if key == POSITION_KEY:
                position = decode(emit.topic, emit.value or b"")
            else:
                shelf.restore(key, emit.value, emit.headers)
        self.partition = partition_of(self._transform, self.number, self._ask, self._tables, shelf, position)


def _written(emit: Emit) -> Written:
    key = (emit.key or b"").decode("utf-8", "replace")
    dead = emit.topic.endswith(".dead")
    value = emit.value if dead or emit.value is None else decode(emit.topic, emit.value)
    return Written(emit.topic, key, value)


def _asked_at_once(asking: Asking) -> Ask:
    """Every question is answered before the next message is sent."""

    def ask(request: Any) -> "Future[Any]":
        reply: Future[Any] = Future()
        reply.set_result(asyncio.run(_awaited(asking, request)))
        return reply

    return ask


async def _awaited(asking: Asking, request: Any) -> Any:
    return await asking.ask(request)
