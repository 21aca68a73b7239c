"""A decider that has nothing to do: how soon it answers a single record, and what it spends while none comes.

The service is a process of its own on a real broker; a record comes each second, then none at all.
"""

import argparse
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition
from rich.console import Console
from rich.table import Table

from infra import topics
from infra.configuration import configure
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import Addresses, infrastructure
from learner.service import build as build_learner
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.driver import Driver
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.bench.pace import pace
from tests.bench.system import keep
from tests.broker import write
from tests.integration.runtime.loops import service

COMMIT_MS, CPU_SHARE = 30.0, 0.01
"""From a record to the commit of its answer, in the middle; and what an idle service may spend of a core."""
PARTITIONS = 12
WARM, WARM_SECONDS = 100, 0.05
"""Records before the clock counts, and their distance: the broker's code is compiled by then."""
QUIET_SECONDS = 2.0
"""Until the connections of those that have left are gone."""
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Milliseconds from record to visible answer, and shares of a core while no record comes."""

    p50_ms: float
    p99_ms: float
    service_share: float
    broker_share: float
    broker_alone_share: float


class Caller:
    """Writes one record and sees its answer committed."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._count = settings, 0
        self._producer: Producer = clients.writer(settings)
        self._producer.list_topics(timeout=clients.CALL_SECONDS)
        self._reader: Consumer = clients.reader(settings, wait_ms=100)
        name = settings.topic("decisions")
        self._reader.assign([TopicPartition(name, number, OFFSET_END) for number in range(PARTITIONS)])

    def ask(self) -> float:
        """Seconds from the record to its answer."""
        self._count += 1
        event = given.contact(
            given.later(minutes=self._count), event_id=f"idle-{self._count}", lead_id=f"lead-{self._count % 50}",
            root_offset=self._count,
        )  # fmt: skip
        data = encode("enriched", event)
        begun = time.monotonic()
        self._producer.produce(self._settings.topic("enriched"), data, event.lead_id)
        while time.monotonic() < begun + PATIENCE_SECONDS:
            self._producer.poll(0)
            message = self._reader.poll(0.005)
            if message is not None and message.error() is None:
                return time.monotonic() - begun
        raise RuntimeError("the decider does not answer")

    def close(self) -> None:
        """Leave the broker alone."""
        self._reader.close()
        self._producer.close()


@contextmanager
def decider(settings: Settings, folder: Path) -> Iterator[psutil.Process]:
    """The service with parameters and a learning table, as a process."""
    configure(settings)
    rows = Driver(build_learner()).send("default", given.TABLE)
    values = [(row.key.encode(), encode("q-table", row.value)) for row in rows if row.topic == "q-table"]
    write(settings, "q-table", *values, partition=0)
    with service("decider", settings, folder / "decider.log") as process:
        yield psutil.Process(process.pid)


def shares(processes: dict[str, psutil.Process], seconds: float) -> dict[str, float]:
    """Of one core, by each process, over so many seconds."""
    before, begun = {name: _cpu_s(each) for name, each in processes.items()}, time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - begun
    return {name: (_cpu_s(each) - before[name]) / passed for name, each in processes.items()}


def _cpu_s(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


def _broker() -> psutil.Process:
    children = psutil.Process(os.getpid()).children(recursive=True)
    return next(each for each in children if "kafka.Kafka" in each.cmdline())


def measured(settings: Settings, folder: Path, records: int, seconds: float) -> Idle:
    """Both."""
    broker = _broker()
    with decider(settings, folder) as process:
        caller = Caller(settings)
        for _ in range(WARM):
            caller.ask()
            time.sleep(WARM_SECONDS)
        found = []
        for _ in range(records):
            time.sleep(1)
            found.append(caller.ask() * 1e3)
        caller.close()
        time.sleep(QUIET_SECONDS)
        spent = shares({"service": process, "broker": broker}, seconds)
    time.sleep(QUIET_SECONDS)
    alone = shares({"broker": broker}, seconds)["broker"]
    found.sort()
    return Idle(
        statistics.median(found), found[int(len(found) * 0.99)], spent["service"], spent["broker"], alone
    )


def main() -> None:
    """As a table and as build/bench/idle.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        folder = Path(name)
        layout = Layout.at(folder / "data")
        with infrastructure(layout, Settings()) as addresses:
            settings = _settings(addresses, folder)
            topics.apply(settings, await_kafka(settings))
            found = measured(settings, folder, asked.records, asked.seconds)
            wait_ms = clients._reading(settings)["fetch.wait.max.ms"]
        hold.remove_all(layout)
    _tell(found, asked.records, asked.seconds, wait_ms)


def _settings(addresses: Addresses, folder: Path) -> Settings:
    return Settings(
        kafka=addresses.kafka,
        postgres=addresses.postgres,
        topic_prefix=f"bench{uuid.uuid4().hex[:6]}-",
        partitions=PARTITIONS,
        data_dir=folder,
        master_key_file=folder / "master.key",
    )


def _tell(found: Idle, records: int, seconds: float, wait_ms: Any) -> None:
    yardstick_ms = pace().yardstick_s * 1e3
    commit = "kept" if found.p50_ms <= COMMIT_MS else "MISSED"
    share = "kept" if found.service_share <= CPU_SHARE else "MISSED"
    table = Table("figure", "measured", "target")
    table.add_row("record to commit, median", f"{found.p50_ms:.1f} ms", f"{COMMIT_MS:.0f} ms: {commit}")
    table.add_row("record to commit, p99", f"{found.p99_ms:.1f} ms")
    table.add_row("idle service, of a core", f"{found.service_share:.2%}", f"{CPU_SHARE:.0%}: {share}")
    table.add_row("broker beside it, of a core", f"{found.broker_share:.2%}")
    table.add_row("broker alone, of a core", f"{found.broker_alone_share:.2%}")
    Console(width=100).print(table)
    print(
        f"{records} records, one a second; then {seconds:.0f} s without; {PARTITIONS} partitions, "
        f"fetch.wait.max.ms {wait_ms}; the yardstick takes {yardstick_ms:.1f} ms at best"
    )
    keep("idle", {**asdict(found), "fetch_wait_max_ms": wait_ms, "yardstick_ms": yardstick_ms})


if __name__ == "__main__":
    main()
