"""THE LOOP from Kafka to Kafka: consume, handle, one short transaction, fold."""

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from confluent_kafka import TopicPartition

from runtime import clients
from runtime.asking import Asker
from runtime.dead_letters import bound
from runtime.errors import InDoubt, NotReady
from runtime.faults import passing
from runtime.global_table import GlobalTable, refresh
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.pace import Pace
from runtime.redrive import Redriven
from runtime.restore import Restorer
from runtime.settings import Settings
from runtime.source import BATCH, Source
from runtime.state import Partition
from runtime.transaction import Aborted, Transactions, Watchdog
from runtime.transform import Message, Transform

log = structlog.get_logger()
State = TypeVar("State")

RESULTS, BYTES = 5_000, 5_000_000
"""A commit comes early when so much waits: it is a tenth of a second's work, and a transaction of as long (rule 1)."""

PATIENCE_SECONDS = 60.0
"""How long a handler may wait for something outside; half of what the group allows between two polls."""

IDLE_SECONDS, ASKING_SECONDS = 0.5, 0.02
"""How long an idle loop waits for a message before it looks at its tables again, and at what it has asked."""

PLANNED = 5000
"""Inputs that may wait behind one that is still asked about: it has ten seconds at the most."""


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
        self._partitions: dict[int, Partition[State]] = {}
        self._limit, self._pace = bound(transform), Pace(transform.commit_seconds)
        self._reported_at, self._failed = 0.0, False

    def run(self, stopping: threading.Event) -> None:
        """Until asked to stop: then commit what is finished, and leave."""
        self._stopping = stopping
        name, asking = self._transform.name, self._transform.asking
        self._asker = None if asking is None else Asker(name, asking, self._metrics)
        slot = partial(clients.transactional, self._settings, name)
        slot_name = clients.transactional_id(self._settings, name)
        self._transactions = Transactions(slot, slot_name, self._settings, Watchdog())
        self._transactions.start()
        for table in self._tables:
            table.start()
        self._redriven = Redriven(self._settings, self._transform.redrive)
        topic = self._transform.sources[0]
        self._source = Source(self._settings, name, topic, self._assigned, self._commit, self._released)
        reader = self._source.consumer
        self._restorer = Restorer(self._transform, self._settings, self._versions, reader, self._asker)
        self._source.open()
        try:
            while not stopping.wait(self._limit.pause()):
                self._turn()
            self._commit()
        except BaseException:  # raised on; leaving the group must know of it
            self._failed = True
            raise
        finally:
            self._close()

    def _close(self) -> None:
        self._restorer.close()
        self._source.close()
        self._redriven.close()
        self._transactions.close()
        for table in self._tables:
            table.close()
        if self._asker is not None:
            self._asker.close()

    def _turn(self) -> None:
        """One round; the tables come after the wait, lest a message be answered from values older than itself."""
        messages = self._source.messages(self._wait(), self._room())
        refresh(self._tables)
        self._adopt()
        began = time.monotonic()
        self._take_all((*messages, *self._redriven.messages()))
        for partition in list(self._partitions.values()):
            partition.wake(min(BATCH, self._room()))
            partition.settle()
        self._metrics.worked(self._transform.name, time.monotonic() - began)
        if self._is_time():
            self._commit()
        self._report()

    def _take_all(self, messages: Sequence[Message]) -> None:
        """Handle what has come; where the service is asked to stop meanwhile the rest stays untaken."""
        taken = rejected = 0
        for message in messages:
            partition = self._partitions.get(message.partition)
            if partition is None:
                continue
            fine = self._taken(partition, message)
            if fine is None:
                break
            taken, rejected = taken + 1, rejected + (not fine)
            self._limit.count(rejected=not fine)
            if partition.ready.size > BYTES:
                self._commit()
        self._metrics.handled(self._transform.name, taken, rejected=rejected)

    def _taken(self, partition: Partition[State], message: Message) -> bool | None:
        """False for a dead letter, None where asked to stop; what a handler needs may be away for a while."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return partition.take(message)
            except NotReady as away:
                if time.monotonic() > deadline:
                    raise
                self._health.report(ready=False, detail=str(away))
                if self._stopping.wait(0.5):
                    return None
                refresh(self._tables)

    def _wait(self) -> float:
        mine = self._partitions.values()
        if any(partition.overdue for partition in mine):
            return 0.0
        if any(partition.uncommitted for partition in mine):
            return self._pace.wait(time.monotonic())
        if any(partition.waiting for partition in mine):
            return ASKING_SECONDS
        return IDLE_SECONDS if self._ready else 0.02

    def _is_time(self) -> bool:
        """An interval after the last commit, so at once after a quiet time; early when much waits."""
        results = sum(len(partition.emits) for partition in self._partitions.values())
        return results >= RESULTS or not self._pace.wait(time.monotonic())

    def _commit(self) -> None:
        """Everything that is finished, in one transaction; after an abort it is written with the next one (rule 3)."""
        if self._failed:  # what failed amid a commit may be on the log: it is written once
            return
        for partition in self._partitions.values():
            partition.settle()
        batch = [partition for partition in self._partitions.values() if partition.uncommitted]
        if not batch:
            return
        emits = [emit for partition in batch for emit in (*partition.emits, *partition.changes())]
        offsets = [
            TopicPartition(self._settings.topic(topic), partition.number, offset)
            for partition in batch
            for topic, offset in partition.ready.offsets.items()
        ]
        began = time.monotonic()
        if self._committed(emits, offsets):
            for partition in batch:
                partition.fold()
            passing("fold.after")
            self._metrics.committed(self._transform.name, time.monotonic() - began, len(emits))
        self._pace.committed(began, time.monotonic())

    def _committed(self, emits: Sequence[Any], offsets: list[TopicPartition]) -> bool:
        try:
            self._transactions.commit(emits, offsets, self._source.consumer)
        except Aborted:
            self._metrics.aborted(self._transform.name)
            return False
        except InDoubt as doubt:
            self._metrics.in_doubt(self._transform.name)
            return self._transactions.settled(doubt, offsets, self._source.consumer)
        return True

    def _room(self) -> int:
        """Messages that may be taken now: none while much waits, for outside or for a broker that commits nothing."""
        mine = self._partitions.values()
        if sum(len(partition.emits) for partition in mine) > 2 * RESULTS:
            return 0
        if self._asker is None:
            return BATCH
        return 0 if sum(partition.waiting for partition in mine) > PLANNED else self._asker.room

    def _adopt(self) -> None:
        """Start the partitions that are restored (rule 10)."""
        for partition in self._restorer.collect():
            self._partitions[partition.number] = partition
            self._redriven.follow(partition.number, partition.offsets.get(self._transform.redrive))
            self._source.resume(partition.number, partition.next_offset)
            self._reported_at = 0.0
            self._metrics.restored(self._transform.name, partition.count)
            if self._ready:
                states = sum(each.count for each in self._partitions.values())
                topic = self._settings.topic(self._transform.sources[0])
                log.info("ready", topic=topic, partitions=len(self._partitions), states=states)

    @property
    def _ready(self) -> bool:
        return self._source.joined and not self._restorer.busy

    def _versions(self) -> dict[str, int]:
        return {name: version for table in self._tables for name, version in table.versions.items()}

    def _report(self) -> None:
        """Health and lag, once a second."""
        if time.monotonic() < self._reported_at + 1:
            return
        self._reported_at = time.monotonic()
        positions = {number: partition.next_offset for number, partition in self._partitions.items()}
        messages = self._source.behind(positions) if self._ready else None
        waiting = sum(partition.overdue + partition.waiting for partition in self._partitions.values())
        lag = None if messages is None else messages + waiting
        topic = self._settings.topic(self._transform.sources[0])
        self._metrics.lag(self._transform.name, topic, lag or 0, self._source.age if lag else 0.0)
        self._metrics.timed(self._transform.name, sum(one.timed for one in self._partitions.values()))
        self._metrics.ready(ready=self._ready)
        self._metrics.restoring(self._transform.name, self._restorer.share)
        detail = f"{len(self._partitions)} partitions{self._limit.note}"
        self._health.report(ready=self._ready, lag=lag, detail=detail)

    def _assigned(self, numbers: list[int]) -> None:
        self._restorer.want(numbers)

    def _released(self, numbers: set[int]) -> None:
        """Drop what belonged to the partitions, committed or not (rule 11)."""
        self._restorer.forget(numbers)
        self._redriven.forget(numbers)
        for number in numbers:
            partition = self._partitions.pop(number, None)
            if partition is not None:
                partition.cancel()
