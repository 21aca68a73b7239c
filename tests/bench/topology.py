"""The processor against a hand-written transactional pass-through with the same codecs, side by side.

Avro in, per-key state, changelog and Avro out, a commit every 100 ms; the pass-through has neither state nor
changelog. Both read the same messages from a real broker, in turns, in one process.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from rich.console import Console
from rich.table import Table

from domain.events import InteractionEnriched, InteractionRecorded
from domain.threads import Thread, remember
from infra import topics
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.health import Health
from runtime.messages import message_of
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake
from schemas.codec import decode_keyed, encode, headers
from tests import given

KEYS = 2_000
COMMIT_SECONDS = 0.1
AT_LEAST = 0.6


@dataclass(frozen=True, slots=True)
class Round:
    """Records a second of either side, and what the clients' process spent on one record."""

    processor: float
    by_hand: float
    processor_cpu_us: float
    by_hand_cpu_us: float


def answer(event: InteractionRecorded, root: int) -> InteractionEnriched:
    """The same output on both sides."""
    return given.contact(
        event.recorded_at, cause_event_id=event.event_id, lead_id=event.lead_id, root_offset=root
    )


def handle(state: Thread | None, record: Record | Wake) -> tuple[Thread, tuple[Output, ...]]:
    """A state that every record changes, and one output."""
    assert isinstance(record, Record)
    event: InteractionRecorded = record.value
    known = state or Thread()
    recent = remember(known.recent[-64:], event.event_id, event.body_hash)
    return Thread(recent), (Output("enriched", record.key, answer(event, record.offset)),)


class Counting(Metrics):
    """Knows when so many records are handled and committed."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self._left = wanted
        self.done = threading.Event()

    def handled(self, service: str, records: int = 1, *, rejected: int = 0, reason: str = "rejected") -> None:
        super().handled(service, records, rejected=rejected, reason=reason)
        self._left -= records

    def committed(self, service: str, seconds: float, outputs: int) -> None:
        super().committed(service, seconds, outputs)
        if self._left <= 0:
            self.done.set()


def by_processor(settings: Settings, count: int) -> None:
    """Our loop until everything is committed."""
    transform: Transform[Thread] = Transform("extractor", ("interactions",), "threads", handle)
    metrics, stopping = Counting(count), threading.Event()
    thread = threading.Thread(target=Processor(transform, settings, Health(), metrics).run, args=(stopping,))
    thread.start()
    assert metrics.done.wait(120)
    stopping.set()
    thread.join()


def by_hand(settings: Settings, count: int) -> None:
    """What a careful person writes in an afternoon: no state, no restore, no rebalance, no dead letters."""
    producer = clients.transactional(settings, "by-hand")
    producer.init_transactions(30)
    consumer = clients.member(settings, "by-hand")
    consumer.subscribe([settings.topic("interactions")], on_assign=_from_the_beginning)
    source, target = settings.topic("interactions"), settings.topic("enriched")
    while count > 0:
        ends: dict[int, int] = {}
        outputs: list[tuple[str, bytes, Any]] = []
        until = time.monotonic() + COMMIT_SECONDS
        while time.monotonic() < until and len(outputs) < 1000:
            first = consumer.poll(0.02)
            for raw in () if first is None else (first, *consumer.consume(499, 0)):
                if raw.error() is None:
                    message = message_of(raw, "interactions")
                    key, event = decode_keyed("interactions", message.key, message.value)
                    value = answer(event, message.offset)
                    outputs.append((key, encode("enriched", value), headers("enriched", value)))
                    ends[message.partition] = message.offset + 1
        if not outputs:
            continue
        producer.begin_transaction()
        for key, data, said in outputs:
            producer.produce(target, data, key, headers=said)
        places = [TopicPartition(source, number, offset) for number, offset in ends.items()]
        producer.send_offsets_to_transaction(places, consumer.consumer_group_metadata(), 10)
        producer.commit_transaction(10)
        count -= len(outputs)
    consumer.close()
    producer.close()


def _from_the_beginning(consumer: Consumer, places: list[TopicPartition]) -> None:
    for place in places:
        place.offset = OFFSET_BEGINNING
    consumer.incremental_assign(places)


@contextmanager
def filled(kafka: str, count: int) -> Iterator[Settings]:
    """A prefix of its own whose `interactions` hold so many records."""
    settings = Settings(kafka=kafka, topic_prefix=f"bench{uuid.uuid4().hex[:6]}-", partitions=4)
    topics.apply(settings, await_kafka(settings))
    producer = clients.writer(settings)
    for number in range(count):
        event = given.recorded(ordinal=number, lead_id=f"lead-{number % KEYS}")
        producer.produce(settings.topic("interactions"), encode("interactions", event), event.lead_id)
        producer.poll(0)
    assert producer.flush(60) == 0
    yield settings


def timed(work: Any, kafka: str, count: int) -> tuple[float, float]:
    """Records a second, and CPU microseconds of this process a record."""
    with filled(kafka, count) as settings:
        wall, cpu = time.monotonic(), time.process_time()
        work(settings, count)
        return count / (time.monotonic() - wall), (time.process_time() - cpu) / count * 1e6


def main() -> None:
    """Rounds in turns; the ratio of each round, and its median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    logs.configure("WARNING")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            timed(by_hand, addresses.kafka, 5_000)  # warms the broker
            rounds = [_round(addresses.kafka, asked.records) for _ in range(asked.rounds)]
        hold.remove_all(layout)
    _tell(rounds, asked.records)


def _round(kafka: str, records: int) -> Round:
    ours, ours_cpu = timed(by_processor, kafka, records)
    theirs, theirs_cpu = timed(by_hand, kafka, records)
    return Round(ours, theirs, ours_cpu, theirs_cpu)


def _tell(rounds: list[Round], records: int) -> None:
    table = Table("round", "processor rec/s", "by hand rec/s", "ratio", "CPU us/rec", "by hand CPU us/rec")
    for number, each in enumerate(rounds, 1):
        table.add_row(
            str(number),
            f"{each.processor:,.0f}",
            f"{each.by_hand:,.0f}",
            f"{each.processor / each.by_hand:.2f}",
            f"{each.processor_cpu_us:.0f}",
            f"{each.by_hand_cpu_us:.0f}",
        )
    ratio = statistics.median(each.processor / each.by_hand for each in rounds)
    Console().print(table)
    verdict = "kept" if ratio >= AT_LEAST else "MISSED"
    print(
        f"median ratio {ratio:.2f} over {len(rounds)} rounds of {records:,} records; at least {AT_LEAST}: {verdict}"
    )
    target = Path("build/bench/topology.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps({"ratio": ratio, "records": records, "rounds": [asdict(r) for r in rounds]}, indent=2)
    )
    print(f"written to {target}")


if __name__ == "__main__":
    main()
