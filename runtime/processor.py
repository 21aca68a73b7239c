"""THE LOOP from Kafka to Kafka: consume, handle, one short transaction, fold."""

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime import clients
from runtime.dead_letters import bound
from runtime.errors import InDoubt, NotReady
from runtime.faults import passing
from runtime.global_table import GlobalTable, refresh
from runtime.health import Health
from runtime.lag import behind
from runtime.messages import received
from runtime.metrics import Metrics
from runtime.pace import Pace
from runtime.restore import Restorer
from runtime.settings import Settings
from runtime.state import Partition
from runtime.transaction import Aborted, Transactions, Watchdog
from runtime.transform import Message, Transform

log = structlog.get_logger()
State = TypeVar("State")

BATCH = 500
"""Messages handled between two looks at the clock; also the most wakes in one slice."""

RESULTS, BYTES = 1000, 1_000_000
"""A commit comes early when so much waits, so that a transaction stays short (rule 1)."""

PATIENCE_SECONDS = 60.0
"""How long a handler may wait for something outside; half of what the group allows between two polls."""

IDLE_SECONDS = 0.5
"""How long an idle loop waits for a message before it looks at its tables again."""


class Processor(Generic[State]):
    """Runs one transform for the partitions that the group gives this copy; its thread owns every client."""

    def __init__(
        self,
        transform: Transform[State],
        settings: Settings,
        health: Health,
        metrics: Metrics,
        tables: Sequence[GlobalTable[Any]] = (),
    ) -> None:
        self._transform, self._settings = transform, settings
        self._health, self._metrics, self._tables = health, metrics, tables
        self._topic = settings.topic(transform.sources[0])
        self._partitions: dict[int, Partition[State]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        self._failure: BaseException | None = None
        self._joined = False
        self._limit, self._pace = bound(transform), Pace(transform.commit_seconds)
        self._reported_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Until asked to stop: then commit what is finished, and leave."""
        self._stopping = stopping
        slot = partial(clients.transactional, self._settings, self._transform.name)
        self._transactions = Transactions(slot, self._settings, Watchdog())
        self._transactions.start()
        for table in self._tables:
            table.start()
        self._consumer: Consumer = clients.member(self._settings, self._transform.name)
        self._restorer = Restorer(self._transform, self._settings, self._versions, self._consumer)
        self._consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )
        try:
            while not stopping.wait(self._limit.pause()):
                self._turn()
            self._commit()
        finally:
            self._restorer.close()
            self._consumer.close()
            self._transactions.close()
            for table in self._tables:
                table.close()

    def _turn(self) -> None:
        """One round; the tables come after the wait, lest a message be answered from values older than itself."""
        messages = self._consume(self._wait())
        if self._failure is not None:
            raise self._failure
        refresh(self._tables)
        self._adopt()
        for message in messages:
            partition = self._partitions.get(message.partition)
            if partition is not None and not self._take(partition, message):
                break
        for partition in list(self._partitions.values()):
            partition.wake(BATCH)
        if self._is_time():
            self._commit()
        self._report()

    def _take(self, partition: Partition[State], message: Message) -> bool:
        """Handle a message; what a handler needs from outside may be away for a while.

        False where the service was asked to stop meanwhile: the message stays untaken.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        fine: bool | None = None
        while fine is None:
            try:
                fine = partition.take(message)
            except NotReady as away:
                if time.monotonic() > deadline:
                    raise
                self._health.report(ready=False, detail=str(away))
                if self._stopping.wait(0.5):
                    return False
                refresh(self._tables)
        self._limit.count(rejected=not fine)
        self._metrics.handled(self._transform.name, rejected=not fine)
        if partition.size > BYTES:
            self._commit()
        return True

    def _consume(self, wait: float) -> list[Message]:
        """Wait with `poll`, drain with `consume` (rule 14)."""
        first = self._consumer.poll(wait)
        found = () if first is None else (first, *self._consumer.consume(BATCH - 1, 0))
        return received(found, {self._topic: self._transform.sources[0]}, self._ends)

    def _wait(self) -> float:
        if any(partition.overdue for partition in self._partitions.values()):
            return 0.0
        if any(partition.uncommitted for partition in self._partitions.values()):
            return self._pace.wait(time.monotonic())
        return IDLE_SECONDS if self._ready else 0.02

    def _is_time(self) -> bool:
        """An interval after the last commit, so at once after a quiet time; early when much waits."""
        results = sum(len(partition.emits) for partition in self._partitions.values())
        return results >= RESULTS or not self._pace.wait(time.monotonic())

    def _commit(self) -> None:
        """Everything that is finished, in one transaction; an abort rewinds what fed it (rule 3)."""
        batch = [partition for partition in self._partitions.values() if partition.uncommitted]
        if not batch:
            return
        emits = [emit for partition in batch for emit in (*partition.emits, *partition.changes())]
        offsets = [TopicPartition(self._topic, p.number, p.next_offset or 0) for p in batch]
        began = time.monotonic()
        try:
            self._transactions.commit(emits, offsets, self._consumer)
        except Aborted:
            self._metrics.aborted(self._transform.name)
            self._rewind(batch)
            return
        except InDoubt as doubt:
            self._metrics.in_doubt(self._transform.name)
            if not self._transactions.settled(doubt, offsets, self._consumer):
                self._rewind(batch)
                return
        for partition in batch:
            partition.fold()
        passing("fold.after")
        self._pace.committed(began, time.monotonic())
        self._metrics.committed(self._transform.name, time.monotonic() - began, len(emits))

    def _rewind(self, batch: Sequence[Partition[State]]) -> None:
        """Forget the batch and read its messages again, from the committed offsets."""
        places = [TopicPartition(self._topic, partition.number) for partition in batch]
        for place in self._consumer.committed(places, clients.CALL_SECONDS):
            known = place.offset >= 0
            self._partitions[place.partition].drop(place.offset if known else None)
            start = place.offset if known else OFFSET_BEGINNING
            self._consumer.seek(TopicPartition(self._topic, place.partition, start))

    def _adopt(self) -> None:
        """Start the partitions that are restored (rule 10)."""
        for partition in self._restorer.collect():
            self._partitions[partition.number] = partition
            self._consumer.resume([TopicPartition(self._topic, partition.number)])
            self._reported_at = 0.0
            self._metrics.restored(self._transform.name, partition.count)
            if self._ready:
                states = sum(each.count for each in self._partitions.values())
                log.info("ready", topic=self._topic, partitions=len(self._partitions), states=states)

    @property
    def _ready(self) -> bool:
        return self._joined and not self._restorer.busy

    def _versions(self) -> dict[str, int]:
        return {name: version for table in self._tables for name, version in table.versions.items()}

    def _report(self) -> None:
        """Health and lag, once a second."""
        if time.monotonic() < self._reported_at + 1:
            return
        self._reported_at = time.monotonic()
        source = self._transform.sources[0]
        places = {
            (self._topic, number): max(partition.next_offset or 0, self._ends.get((source, number), 0))
            for number, partition in self._partitions.items()
        }
        messages = behind(self._consumer, places) if self._ready else None
        wakes = sum(partition.overdue for partition in self._partitions.values())
        lag = None if messages is None else messages + wakes
        self._metrics.lag(self._transform.name, self._topic, lag or 0)
        self._metrics.ready(ready=self._ready)
        detail = f"{len(self._partitions)} partitions{self._limit.note}"
        self._health.report(ready=self._ready, lag=lag, detail=detail)

    # The callbacks run inside poll and consume: what fails there is kept, and raised after (rule 4).

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            consumer.incremental_assign(places)
            consumer.pause(places)
            self._restorer.want([place.partition for place in places])
            self._joined = True
        except Exception as failure:  # noqa: BLE001 - an exception that leaves a callback loses records
            self._failure = failure

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            self._commit()
            self._release(consumer, places)
        except Exception as failure:  # noqa: BLE001 - the same
            self._failure = failure

    def _on_lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            self._release(consumer, places)
        except Exception as failure:  # noqa: BLE001 - the same
            self._failure = failure

    def _release(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        """Drop what belonged to the partitions, committed or not (rule 11)."""
        numbers = {place.partition for place in places}
        self._restorer.forget(numbers)
        for number in numbers:
            self._partitions.pop(number, None)
            self._ends.pop((self._transform.sources[0], number), None)
        consumer.incremental_unassign(places)
