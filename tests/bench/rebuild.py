"""How fast services fold their state anew from the record: decider, extractor and learner, each over its own topics.

On a real broker, several partitions, as `academy state rebuild` does it; the leads are those of real stories, many
times over.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from domain.events import InteractionRecorded, LeadRecorded, Sealed
from domain.states import Lead
from infra import topics
from infra.configuration import configure
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from infra.rebuild import rebuild
from infra.refolds import SERVICES
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.driver import Driver
from runtime.global_table import end_offsets
from runtime.settings import Settings
from runtime.state import Partition
from schemas.codec import encode
from tests import given
from tests.bench.decisions import messages
from tests.bench.pace import pace
from tests.bench.system import keep

RECORDS_S = 20_000
"""Records of a source that are folded anew in a second."""
INPUTS = 200_000
STORIES = 100
"""Families that differ; each stands for many whose ids alone are other ones."""
NAME = "family-{:07}"
PATIENCE_SECONDS = 600.0
ALSO_READ = {"decider": ("decisions",), "extractor": (), "learner": ()}
TRANSCRIPT = bytes(600)

Told = tuple[str, str, bytes, bytes]
"""A record of a family: the family, its topic, key and value."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """State folded anew: records of the source, the keys that they make, how long it took, on how much CPU.

    `load` is the machine's, all that runs on it included.
    """

    records: int
    keys: int
    seconds: float
    cpu_s: float
    load: float

    @property
    def records_s(self) -> float:
        """Records of the source in a second."""
        return self.records / self.seconds


def told() -> tuple[Partition[Lead], list[Told]]:
    """Some families' stories through the decider: their state, and what stands on the topics of the record."""
    driver = Driver(build_decider(given.learned))
    record: list[Told] = []
    for message in messages(range(STORIES)):
        key, family = message.key or b"", (message.key or b"").decode()
        record.append((family, "enriched", key, message.value or b""))
        record.extend(
            (family, each.topic, each.key.encode(), encode(each.topic, each.value))
            for each in driver.send_bytes(message.key, message.value)
            if each.topic in ("decisions", "transitions")
        )
    for place in range(8):
        for number in range(STORIES):
            event = _said(NAME.format(number), place)
            record.append(
                (event.lead_id, "interactions", event.lead_id.encode(), encode("interactions", event))
            )
    return driver.partition, record


def _said(family: str, place: int) -> LeadRecorded | InteractionRecorded:
    """What the extractor reads of a family: its record, then calls with a transcript."""
    at = given.later(hours=26 * place)
    if not place:
        return given.recorded_lead(at, lead_id=family)
    transcript = Sealed("key-1", f"interaction-{place}", TRANSCRIPT)
    return given.recorded(at, place, lead_id=family, transcript=transcript)


def many(family: str, key: bytes, value: bytes, families: int) -> Iterator[tuple[bytes, bytes]]:
    """The same of other families: a name is as long as another, so that its bytes can take its place."""
    mine = family.encode()
    for number in range(int(family[-7:]), families, STORIES):
        name = NAME.format(number).encode()
        yield key.replace(mine, name), value.replace(mine, name)


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


def _write(settings: Settings, service: str, record: list[Told], inputs: int) -> int:
    """The topics of the record, everything on the service's source handled; gives how many inputs that are."""
    source = SERVICES[service][0]
    families = inputs * STORIES // sum(topic == source for _family, topic, _key, _value in record)
    writers = {topic: writing(settings, topic) for topic in (source, *ALSO_READ[service])}
    for family, topic, key, value in record:
        for name, other in many(family, key, value, families) if topic in writers else ():
            writers[topic](name, other, -1)
    for write in writers.values():
        write(None, b"", 0)
    ends = end_offsets(settings, settings.topic(source))
    places = [TopicPartition(settings.topic(source), number, end) for number, end in ends.items()]
    asked = [ConsumerGroupTopicPartitions(settings.topic(service), places)]
    admin = clients.admin(settings)  # held until it has answered
    for future in admin.alter_consumer_group_offsets(asked).values():
        future.result(clients.CALL_SECONDS)
    return sum(ends.values())


def rebuilt(settings: Settings, records: int) -> Rebuilt:
    """`academy state rebuild` over all partitions, and once more without writing: nothing may differ then."""
    logs.configure("ERROR")
    begun, before = time.monotonic(), _cpu_s()
    keys = sum(each.keys for each in rebuild(settings))
    seconds, cpu_s, load = time.monotonic() - begun, _cpu_s() - before, os.getloadavg()[0]
    if differing := sum(each.differing for each in rebuild(settings, dry_run=True)):
        raise RuntimeError(f"{differing:,} keys differ after a rebuild")
    return Rebuilt(records, keys, seconds, cpu_s, load)


def _cpu_s() -> float:
    """Of this process and of those that it has ended."""
    return sum(os.times()[:4])


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of work in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result(PATIENCE_SECONDS)


def prefixed(kafka: str, partitions: int) -> Settings:
    """A prefix of its own on that broker, configured."""
    prefix = f"bench{uuid.uuid4().hex[:6]}-"
    settings = Settings(kafka=kafka, topic_prefix=prefix, partitions=partitions)
    topics.apply(settings, await_kafka(settings))
    configure(settings)
    return settings


def measured(kafka: str, inputs: int, partitions: int) -> dict[str, Rebuilt]:
    """Each service, under a prefix that holds what it alone reads."""
    _partition, record = told()
    found = {}
    for service in ALSO_READ:
        settings = prefixed(kafka, partitions)
        found[service] = alone(rebuilt, settings, _write(settings, service, record, inputs))
    return found


def rows(anew: dict[str, Rebuilt]) -> Iterator[tuple[str, str, str]]:
    """Lines of a table: figure, measured, target."""
    for service, each in anew.items():
        kept = "kept" if each.records_s >= RECORDS_S else "MISSED"
        said = f"{each.records:,} to {each.keys:,} keys in {each.seconds:.1f} s, load {each.load:.1f}"
        yield f"records folded anew, {service}", said, ""
        yield f"CPU µs a record, {service}", f"{each.cpu_s / each.records * 1e6:,.0f}", ""
        yield f"a second, {service}", f"{each.records_s:,.0f}", f"{RECORDS_S:,}: {kept}"


def main() -> None:
    """As a table and as build/bench/rebuild.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--partitions", type=int, default=4)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            found = measured(addresses.kafka, asked.inputs, asked.partitions)
        hold.remove_all(layout)
    table = Table("figure", "measured", "target")
    for row in rows(found):
        table.add_row(*row)
    Console(width=120).print(table)
    yardstick_ms = pace().yardstick_s * 1e3
    print(
        f"as many processes as cores, broker beside them; the yardstick takes {yardstick_ms:.1f} ms at best"
    )
    keep("rebuild", {"rebuilt": facts(found), "yardstick_ms": yardstick_ms})


def facts(anew: dict[str, Rebuilt]) -> dict[str, dict[str, float]]:
    """The same as numbers."""
    return {service: {**asdict(each), "records_s": each.records_s} for service, each in anew.items()}


if __name__ == "__main__":
    main()
