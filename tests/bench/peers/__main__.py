"""The same topology on ours, quixstreams and Kafka Streams, one after the other on one broker, as a table with ratios.

215 bytes of Avro in, a state of each key, 520 bytes of Avro out; exactly once, a commit every 100 ms, one worker. All
inputs are on the topic before a worker starts. What it handles first warms it up and is not measured; then the clock
runs until its last offset is committed, and everything it wrote is read back and checked.
"""

import argparse
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stubs lack them
from rich.console import Console
from rich.table import Table

from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.settings import Settings
from schemas.codec import encode
from tests.bench.pace import pace
from tests.bench.peers import catalogue, environments
from tests.bench.peers.checking import checked
from tests.bench.peers.events import told
from tests.bench.peers.workers import Measured, Worker, measured, workers
from tests.bench.system import keep

PARTITIONS = 6
COORDINATOR_SECONDS = 60.0
"""A fresh broker makes its transaction log at the first question for it."""
AT_LEAST = {"quixstreams": 4.0, "kafka streams": 0.7}
"""Our records a second against each peer's."""


@dataclass(frozen=True, slots=True)
class Result:
    """One engine: its figures, and the digest of everything that it wrote."""

    engine: str
    figures: Measured
    digest: int


def filled(settings: Settings, admin: AdminClient, records: int) -> None:
    """The input topic with so many records, keyed by lead; and a broker that has begun to keep transactions."""
    clients.transactional(settings, "first").init_transactions(COORDINATOR_SECONDS)
    _create(admin, [settings.topic("told")])
    producer = clients.writer(settings)
    for number in range(records):
        event = told(number)
        producer.produce(settings.topic("told"), encode("told", event), event.lead_id)
        producer.poll(0)
    if producer.flush(60):
        raise RuntimeError("the broker did not take all of the input")


def result(worker: Worker, settings: Settings, admin: AdminClient, warm: int, records: int) -> Result:
    """Run one engine over the input, check what it wrote, remove it."""
    made = [settings.topic(name) for name in worker.topics]
    _create(admin, made)
    figures = measured(worker, settings, admin, warm, warm + records)
    digest = checked(settings, worker.topics[0], warm + records)
    admin.delete_topics(made)
    time.sleep(2)  # the broker is still at it: the next engine shall find it quiet
    return Result(worker.name, figures, digest)


def _create(admin: AdminClient, names: list[str]) -> None:
    for future in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names]).values():
        future.result(clients.CALL_SECONDS)


def main() -> None:
    """As a table and as build/bench/peers.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--warm", type=int, default=50_000)
    parser.add_argument("--engines", nargs="*", default=["ours", "quixstreams", "kafka streams"])
    asked = parser.parse_args()
    logs.configure("ERROR")
    catalogue.add()
    commands = {"quixstreams": (str(environments.quix()),), "kafka streams": environments.streams()}
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            prefix = f"peers{uuid.uuid4().hex[:6]}-"
            settings = Settings(kafka=addresses.kafka, topic_prefix=prefix, partitions=PARTITIONS)
            admin = await_kafka(settings)
            filled(settings, admin, asked.warm + asked.records)
            results = [
                result(each, settings, admin, asked.warm, asked.records)
                for each in workers(settings, commands, Path(folder))
                if each.name in asked.engines
            ]
        hold.remove_all(layout)
    _tell(results, asked.records, asked.warm)


def _tell(results: list[Result], records: int, warm: int) -> None:
    yardstick_ms = pace().yardstick_s * 1e3
    by_engine = {each.engine: each.figures for each in results}
    table = Table("engine", "records/s", "ours is", "CPU us/record", "resident MB", "first commit after s")
    ratios = {}
    for name, each in by_engine.items():
        if "ours" in by_engine and name != "ours":
            ratios[name] = by_engine["ours"].records_s / each.records_s
        table.add_row(
            name,
            f"{each.records_s:,.0f}",
            f"{ratios[name]:.2f} times" if name in ratios else "",
            f"{each.cpu_us:.1f}",
            f"{each.resident_mb:,.0f}",
            f"{each.start_s:.1f}",
        )
    Console(width=120).print(table)
    print(f"{records:,} records after {warm:,} to warm up; the yardstick takes {yardstick_ms:.1f} ms at best")
    print("every engine: one output an input, each key's in order and complete, read committed")
    if len({each.digest for each in results}) > 1:
        raise SystemExit("the engines did not write the same bytes")
    for name, ratio in ratios.items():
        verdict = "kept" if ratio >= AT_LEAST[name] else "MISSED"
        print(f"ours is {ratio:.2f} times {name}; at least {AT_LEAST[name]}: {verdict}")
    engines = {name: asdict(each) for name, each in by_engine.items()}
    keep(
        "peers",
        {
            "records": records,
            "warm": warm,
            "yardstick_ms": yardstick_ms,
            "engines": engines,
            "ratios": ratios,
        },
    )


if __name__ == "__main__":
    main()
