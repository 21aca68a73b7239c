"""Reads a partition's states back from the changelog, off the thread that owns the loop (rules 9, 10)."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from runtime import clients
from runtime.ahead import Ask, partition_of
from runtime.errors import Misconfigured, NotReady
from runtime.faults import passing
from runtime.global_table import STALLED_SECONDS, end_offsets
from runtime.messages import END, pass_over
from runtime.settings import Settings
from runtime.shelf import Shelf, shelf_of
from runtime.state import Partition
from runtime.transform import Transform
from schemas.codec import NewerSchema, Undecodable, decode
from schemas.position import Position
from schemas.topics import POSITION_KEY, TOPICS

READ = 5_000
"""Changelog records taken at once."""

log = structlog.get_logger()
State = TypeVar("State")


class Restorer(Generic[State]):
    """One background reader: the loop says what it was assigned, and collects what is restored."""

    def __init__(
        self,
        transform: Transform[State],
        settings: Settings,
        tables: Callable[[], dict[str, int]],
        consumer: Consumer,
        ask: Ask | None = None,
    ) -> None:
        self._transform = transform
        self._ask = ask
        self._settings = settings
        self._tables = tables
        self._consumer = consumer
        self._topic = settings.topic(transform.sources[0])
        self._wanted: list[int] = []
        self._starts: dict[int, dict[str, int]] = {}
        self._restoring: dict[int, Future[Partition[State]]] = {}
        self._read_share: dict[int, float] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="restore")

    @property
    def busy(self) -> bool:
        """Whether a partition is still to come."""
        return bool(self._wanted or self._restoring)

    @property
    def share(self) -> float:
        """How much of what is being restored was read, from 0 to 1; 1 where nothing is."""
        coming = [*self._wanted, *self._restoring]
        return sum(self._read_share.get(number, 0.0) for number in coming) / len(coming) if coming else 1.0

    def want(self, numbers: list[int]) -> None:
        """These partitions were assigned; called from the client's callback, so nothing is asked here."""
        self._wanted += numbers

    def forget(self, numbers: set[int]) -> None:
        """These were taken away."""
        self._wanted = [number for number in self._wanted if number not in numbers]
        for number in numbers:
            self._restoring.pop(number, None)

    def collect(self) -> list[Partition[State]]:
        """Partitions whose state is back and whose tables have reached the versions that it names (rule 9)."""
        if self._wanted:
            self._begin()
        found = []
        versions = self._tables()
        for number, future in list(self._restoring.items()):
            if not future.done():
                continue
            partition = future.result()
            if all(versions.get(table, -1) >= seen for table, seen in partition.position.tables.items()):
                del self._restoring[number]
                partition.offsets |= self._starts[number]
                found.append(partition)
        return found

    def _begin(self) -> None:
        """Committed offsets first: they are stable, so the changelog's end lies behind what fed them (rule 9)."""
        topics = {self._settings.topic(name): name for name in self._read_again}
        places = [TopicPartition(topic, number) for topic in topics for number in self._wanted]
        try:
            committed = self._consumer.committed(places, clients.CALL_SECONDS)
        except KafkaException as wrong:
            pass_over(wrong.args[0])
            return
        for number in self._wanted:
            known = [place for place in committed if place.partition == number and place.offset >= 0]
            self._starts[number] = {topics[place.topic]: place.offset for place in known}
            for place in known:
                if place.topic == self._topic:
                    self._check(place)
            self._restoring[number] = self._pool.submit(self._restore, number)
        self._wanted = []

    @property
    def _read_again(self) -> list[str]:
        """The topics whose next offsets the group keeps."""
        redrive = self._transform.redrive
        return [self._transform.sources[0], *([redrive] if redrive in TOPICS else [])]

    def _check(self, place: TopicPartition) -> None:
        """A committed offset outside the log is never reset in silence: something was lost (rule 12)."""
        low, high = self._consumer.get_watermark_offsets(place, timeout=clients.CALL_SECONDS)
        if not low <= place.offset <= high:
            raise Misconfigured(
                f"{place.topic}/{place.partition}: the committed offset {place.offset} is outside the log, "
                f"which has {low} to {high}: {self._mend()}"
            )

    def _mend(self) -> str:
        if self._transform.changelog is not None:
            return "restore the topic, or begin under another prefix"
        group = self._settings.topic(self._transform.name)
        return (
            "what was deleted unread is lost, have its senders send it again; then set group "
            f"{group} to the earliest offset (kafka-consumer-groups.sh --reset-offsets --to-earliest)"
        )

    def close(self) -> None:
        """Give up what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _restore(self, number: int) -> Partition[State]:
        changelog = self._transform.changelog
        if changelog is None:
            return partition_of(self._transform, number, self._ask, self._tables)
        passing("restore.before")
        topic = self._settings.topic(changelog)
        end = end_offsets(self._settings, topic, [number])[number]
        shelf = shelf_of(self._transform)
        position = None
        if end > 0:
            consumer = clients.reader(self._settings)
            try:
                consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING)])
                position = self._read(consumer, changelog, end, shelf)
            finally:
                consumer.close()
        self._agree(topic, number, position)
        self._read_share[number] = 1.0
        passing("restore.after")
        return partition_of(self._transform, number, self._ask, self._tables, shelf, position)

    def _agree(self, topic: str, number: int, position: Position | None) -> None:
        """State and group must have come equally far; a group that was deleted begins where its state is."""
        source = self._transform.sources[0]
        handled = self._starts[number].get(source)
        reached = None if position is None else position.next_offset
        group = self._settings.topic(self._transform.name)
        if (
            position is None
            and handled
            and Position in TOPICS[self._transform.changelog or ""].events.values()
        ):
            raise Misconfigured(
                f"{topic}/{number} has no position, though its source was handled up to offset "
                f"{handled}: it was lost, or half rebuilt; run `academy state rebuild`"
            )
        if reached is not None and handled is None:
            self._check(TopicPartition(self._topic, number, reached))
            self._starts[number][source] = reached
            log.warning(
                "group_lost_its_offset", group=group, topic=self._topic, partition=number, offset=reached
            )
        elif reached is not None and handled != reached:
            raise Misconfigured(
                f"group {group} stands at offset {handled} of {self._topic}/{number}, its state at {reached}: "
                f"somebody set the group's offset; set it to {reached} (kafka-consumer-groups.sh --reset-offsets "
                f"--to-offset {reached}), or set all to the earliest and run `academy state rebuild`"
            )

    def _read(self, consumer: Consumer, changelog: str, end: int, shelf: Shelf[State]) -> Position | None:
        position: Position | None = None
        deadline = time.monotonic() + STALLED_SECONDS
        while time.monotonic() < deadline:
            first = consumer.poll(0.1)
            for message in () if first is None else (first, *consumer.consume(READ, 0)):
                error = message.error()
                if error is None:
                    key = (message.key() or b"").decode()
                    if key == POSITION_KEY:
                        position = _position(changelog, message)
                    else:
                        _put_back(shelf, key, message)
                elif error.code() != END:
                    pass_over(error)
                elif (message.offset() or 0) >= end:
                    return position
            if first is not None:
                deadline = time.monotonic() + STALLED_SECONDS
                self._read_share[first.partition() or 0] = (first.offset() or 0) / end
        raise NotReady(f"the changelog {changelog} stands still short of its end {end}")


def _put_back(shelf: Shelf[State], key: str, message: Message) -> None:
    """One changelog record."""
    headers: Any = message.headers() or ()
    try:
        shelf.restore(key, message.value(), headers)
    except (NewerSchema, Undecodable) as wrong:
        raise _unreadable(message, wrong) from wrong


def _position(changelog: str, message: Message) -> Position | None:
    """The partition's own record; None where it was deleted, because the state is being rebuilt."""
    data = message.value()
    try:
        value = None if data is None else decode(changelog, data)
    except (NewerSchema, Undecodable) as wrong:
        raise _unreadable(message, wrong) from wrong
    return value if isinstance(value, Position) else None


def _unreadable(message: Message, wrong: Exception) -> Misconfigured:
    place = f"{message.topic()}/{message.partition()} offset {message.offset()}"
    return Misconfigured(f"{place}: {wrong}; state of a newer release is read by that release only")
