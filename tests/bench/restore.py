"""How long a decider needs until its state is back: from the changelog at a start, and folded anew from the record.

Both on a real broker, over several partitions, in one process: the leads are those of real stories, many times over.
"""

import argparse
import gc
import multiprocessing
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from domain.states import Lead
from infra import topics
from infra.configuration import configure
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from infra.rebuild import rebuild
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.driver import Driver
from runtime.global_table import end_offsets
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.shelf import Whole
from runtime.state import Partition
from schemas.codec import encode
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given
from tests.bench.decisions import messages
from tests.bench.pace import pace
from tests.bench.system import keep

RESTORE_SECONDS, REBUILD_RECORDS_S = 15.0, 20_000
"""A million leads at a start; and records of the source that are folded anew in a second."""
MILLION = 1_000_000
STORIES = 100
"""Families that differ; each stands for many whose ids alone are other ones."""
NAME = "family-{:07}"
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Restored:
    """A start: seconds until it is ready, what it read, and what a lead weighs then."""

    leads: int
    seconds: float
    bytes_read: int
    resident_bytes_a_lead: float
    peak_bytes_a_lead: float


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """State folded anew: records of the source, the leads that they make, and how long it took."""

    records: int
    leads: int
    seconds: float


class Counting(Metrics):
    """Knows how many states were read back."""

    def __init__(self) -> None:
        super().__init__()
        self.states = 0

    def restored(self, service: str, records: int) -> None:
        super().restored(service, records)
        self.states += records


def told() -> tuple[Partition[Lead], list[tuple[str, bytes, bytes]]]:
    """Some families' stories through the decider: their state, and what stands on `enriched` and `decisions`."""
    driver = Driver(build_decider(given.learned))
    record: list[tuple[str, bytes, bytes]] = []
    for message in messages(range(STORIES)):
        record.append(("enriched", message.key or b"", message.value or b""))
        answers = driver.send_bytes(message.key, message.value)
        found = (encode("decisions", each.value) for each in answers if each.topic == "decisions")
        record.extend(("decisions", message.key or b"", answer) for answer in found)
    return driver.partition, record


def many(key: bytes, value: bytes, families: int) -> Iterator[tuple[bytes, bytes]]:
    """The same of other families: a name is as long as another, so that its bytes can take its place."""
    for number in range(int(key[-7:]), families, STORIES):
        name = NAME.format(number).encode()
        yield name, value.replace(key, name)


def write_leads(settings: Settings, partition: Partition[Lead], leads: int) -> int:
    """The changelog as a decider leaves it; gives its bytes."""
    write, size = writing(settings, "leads"), 0
    shelf = Whole(build_decider(given.learned))
    for number in range(STORIES):
        name = NAME.format(number)
        ((_key, own, headers),) = shelf.changes({name: partition.get(name)})
        for key, value in many(name.encode(), own or b"", leads):
            write(key, value, -1, headers)
            size += len(key) + len(value)
    position = encode("leads", Position(given.NOON, given.NOON, 0))
    for number in range(settings.partitions):
        write(POSITION_KEY.encode(), position, number)
    write(None, b"", 0)
    return size


def writing(settings: Settings, topic: str) -> Callable[..., None]:
    """A function that writes a record onto a topic, and without a key waits for all of them."""
    producer, name = clients.writer(settings), settings.topic(topic)

    def write(key: bytes | None, value: bytes, number: int, headers: Any = ()) -> None:
        while key is not None:
            try:
                return producer.produce(name, value, key, number, headers=list(headers))
            except BufferError:
                producer.poll(0.05)
        if producer.flush(60):
            raise RuntimeError("the broker did not take everything")
        return None

    return write


def restored(settings: Settings, leads: int, size: int) -> Restored:
    """A decider from its start until it is ready; runs in a process of its own."""
    logs.configure("ERROR")
    metrics, health, stopping = Counting(), Health(), threading.Event()
    processor = Processor(build_decider(given.learned), settings, health, metrics)
    process, peak = psutil.Process(os.getpid()), 0
    gc.collect()
    before, begun = process.memory_info().rss, time.monotonic()
    thread = threading.Thread(target=processor.run, args=(stopping,))
    thread.start()
    while not (health.readiness.ready and metrics.states >= leads) and thread.is_alive():
        time.sleep(0.02)
        peak = max(peak, process.memory_info().rss)
    seconds, after = time.monotonic() - begun, process.memory_info().rss
    stopping.set()
    thread.join()
    if metrics.states != leads:
        raise RuntimeError(f"{metrics.states:,} of {leads:,} leads came back")
    return Restored(leads, seconds, size, (after - before) / leads, (max(peak, after) - before) / leads)


def write_record(settings: Settings, record: list[tuple[str, bytes, bytes]], families: int) -> int:
    """The topics of the record, with everything on `enriched` handled; gives how many inputs that are."""
    inputs = 0
    writers = {topic: writing(settings, topic) for topic in ("enriched", "decisions")}
    for topic, key, value in record:
        for name, other in many(key, value, families):
            writers[topic](name, other, -1)
            inputs += topic == "enriched"
    for write in writers.values():
        write(None, b"", 0)
    source = settings.topic("enriched")
    places = [TopicPartition(source, number, end) for number, end in end_offsets(settings, source).items()]
    asked = [ConsumerGroupTopicPartitions(settings.topic("decider"), places)]
    admin = clients.admin(settings)  # held until it has answered
    for future in admin.alter_consumer_group_offsets(asked).values():
        future.result(clients.CALL_SECONDS)
    return inputs


def rebuilt(settings: Settings, records: int) -> Rebuilt:
    """`academy state rebuild` over all partitions, and once more without writing: nothing may differ then."""
    logs.configure("ERROR")
    begun = time.monotonic()
    leads = sum(each.keys for each in rebuild(settings))
    seconds = time.monotonic() - begun
    if differing := sum(each.differing for each in rebuild(settings, dry_run=True)):
        raise RuntimeError(f"{differing:,} leads differ after a rebuild")
    return Rebuilt(records, leads, seconds)


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of work in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result(PATIENCE_SECONDS)


def measured(kafka: str, leads: int, inputs: int, partitions: int) -> tuple[Restored, Rebuilt]:
    """Both, each under a prefix of its own."""
    partition, record = told()
    first, second = (
        Settings(kafka=kafka, topic_prefix=f"bench{uuid.uuid4().hex[:6]}-", partitions=partitions)
        for _ in range(2)
    )
    for settings in (first, second):
        topics.apply(settings, await_kafka(settings))
        configure(settings)
    start: Restored = alone(restored, first, leads, write_leads(first, partition, leads))
    each = sum(topic == "enriched" for topic, _key, _value in record) // STORIES
    anew: Rebuilt = alone(rebuilt, second, write_record(second, record, inputs // each))
    return start, anew


def main() -> None:
    """As a table and as build/bench/restore.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=MILLION)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--partitions", type=int, default=4)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            found = measured(addresses.kafka, asked.leads, asked.inputs, asked.partitions)
        hold.remove_all(layout)
    _tell(*found)


def _tell(start: Restored, anew: Rebuilt) -> None:
    yardstick_ms = pace().yardstick_s * 1e3
    million_s = start.seconds * MILLION / start.leads
    gigabytes = start.bytes_read / 1e9
    table = Table("figure", "measured", "target")
    for name, value, target in (
        ("leads restored", f"{start.leads:,} in {start.seconds:.1f} s", ""),
        ("leads a second", f"{start.leads / start.seconds:,.0f}", ""),
        (
            "seconds for a million leads",
            f"{million_s:.1f}",
            _kept(RESTORE_SECONDS, million_s <= RESTORE_SECONDS),
        ),
        ("seconds for a GB of changelog", f"{start.seconds / gigabytes:.1f}", ""),
        ("resident bytes a lead", f"{start.resident_bytes_a_lead:,.0f}", ""),
        ("at the most, meanwhile", f"{start.peak_bytes_a_lead:,.0f}", ""),
        ("records folded anew", f"{anew.records:,} to {anew.leads:,} leads in {anew.seconds:.1f} s", ""),
        (
            "records folded anew a second",
            f"{anew.records / anew.seconds:,.0f}",
            _kept(REBUILD_RECORDS_S, anew.records / anew.seconds >= REBUILD_RECORDS_S),
        ),
    ):
        table.add_row(name, value, target)
    Console(width=120).print(table)
    print(f"one process, broker beside it; the yardstick takes {yardstick_ms:.1f} ms at best")
    keep("restore", {"restored": asdict(start), "rebuilt": asdict(anew), "yardstick_ms": yardstick_ms})


def _kept(target: float, kept: bool) -> str:
    return f"{target:,.0f}: {'kept' if kept else 'MISSED'}"


if __name__ == "__main__":
    main()
