"""Reads a partition's states back from the changelog, off the thread that owns the loop (rules 9, 10)."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime import clients
from runtime.errors import NotReady
from runtime.global_table import STALLED_SECONDS, end_offsets
from runtime.messages import END, pass_over
from runtime.settings import Settings
from runtime.state import Partition
from runtime.transform import Transform
from schemas.codec import decode
from schemas.position import Position
from schemas.topics import POSITION_KEY

State = TypeVar("State")


class Restorer(Generic[State]):
    """One background reader; the loop asks for partitions and collects those that are ready."""

    def __init__(
        self, transform: Transform[State], settings: Settings, tables: Callable[[], dict[str, int]]
    ) -> None:
        self._transform = transform
        self._settings = settings
        self._tables = tables
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="restore")

    def ask(self, number: int) -> Future[Partition[State]]:
        """Begin to restore one partition."""
        return self._pool.submit(self._restore, number)

    def close(self) -> None:
        """Give up what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _restore(self, number: int) -> Partition[State]:
        topic = self._settings.topic(self._transform.changelog)
        end = end_offsets(self._settings, topic, [number])[number]
        states: dict[str, State] = {}
        position = None
        if end > 0:
            consumer = clients.reader(self._settings)
            try:
                consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING)])
                position = self._read(consumer, end, states)
            finally:
                consumer.close()
        return Partition(self._transform, number, self._tables, states, position)

    def _read(self, consumer: Consumer, end: int, states: dict[str, State]) -> Position | None:
        position: Position | None = None
        deadline = time.monotonic() + STALLED_SECONDS
        while time.monotonic() < deadline:
            first = consumer.poll(0.1)
            for message in () if first is None else (first, *consumer.consume(1000, 0)):
                deadline = time.monotonic() + STALLED_SECONDS
                error = message.error()
                if error is None:
                    position = self._apply(message.key(), message.value(), states) or position
                elif error.code() != END:
                    pass_over(error)
                elif (message.offset() or 0) >= end:
                    return position
        raise NotReady(f"the changelog {self._transform.changelog} stands still short of its end {end}")

    def _apply(self, key: bytes | None, data: bytes | None, states: dict[str, State]) -> Position | None:
        name = (key or b"").decode()
        value = None if data is None else decode(self._transform.changelog, data)
        if name == POSITION_KEY:
            return value if isinstance(value, Position) else None
        self._transform.changes.restore(states, name, value)
        return None
