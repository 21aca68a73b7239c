"""State topics thrown away and folded anew from the record; nothing is decided or emitted (architecture 2.12)."""

import gc
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.members import refuse_while_running
from infra.offsets import known
from infra.refolds import SERVICES, Rebuilt, Row, Task
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.settings import Settings

CHUNK = 5_000
"""Records of one transaction."""


def rebuild(settings: Settings, *, dry_run: bool = False) -> Iterator[Rebuilt]:
    """Each partition of each state topic in turn; `dry_run` compares and writes nothing.

    Partitions are folded in as many processes as the machine has cores, and written by this one. Raises
    StillRunning, NotReady, and Misconfigured where a record topic lacks something.
    """
    admin = clients.admin(settings)
    for service in SERVICES:
        refuse_while_running(admin, settings, service, "rebuild its state")
    tasks = [task for service in SERVICES for task in _tasks(admin, settings, service)]
    for task, (found, rows) in zip(tasks, _all(tasks, dry_run=dry_run), strict=True):
        if not dry_run:
            _write(settings, task, found.topic, rows)
        yield found


def _tasks(admin: AdminClient, settings: Settings, service: str) -> list[Task]:
    source = SERVICES[service][0]
    ends = known(admin, settings, service).items()
    return [
        Task(settings, service, number, end)
        for (topic, number), end in sorted(ends)
        if topic == source and end
    ]


def _all(tasks: list[Task], *, dry_run: bool) -> Iterator[tuple[Rebuilt, list[Row]]]:
    """What came of each task, in their order; what comes after a failure is not begun."""
    run = _dry if dry_run else Task.run
    workers = min(len(tasks), os.cpu_count() or 1)
    if workers < 2:
        yield from map(run, tasks)
        return
    # A fold makes no cycles: the collector would only walk all its states, again and again.
    afresh = multiprocessing.get_context("spawn")  # the Kafka client's threads do not survive a fork
    with ProcessPoolExecutor(workers, afresh, gc.disable) as pool:
        try:
            yield from pool.map(run, tasks)
        finally:
            pool.shutdown(cancel_futures=True)


def _dry(task: Task) -> tuple[Rebuilt, list[Row]]:
    return task.run()[0], []


def _write(settings: Settings, task: Task, topic: str, rows: list[Row]) -> None:
    """In transactions of the service's own producer, so that a copy of it which still runs is fenced."""
    producer, name = clients.transactional(settings, task.service), settings.topic(topic)
    try:
        producer.init_transactions(CALL_SECONDS)
        for start in range(0, len(rows), CHUNK):
            producer.begin_transaction()
            for key, value, headers in rows[start : start + CHUNK]:
                producer.produce(name, value, key, task.number, headers=[*headers])
                producer.poll(0)
            producer.commit_transaction(CALL_SECONDS)
    except KafkaException as failed:
        raise NotReady(
            f"the state of {task.service} could not be written: {failed.args[0].str()}; do it again"
        ) from failed
