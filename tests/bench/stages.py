"""What one event costs each stage in CPU and bytes, in memory and without a broker; and what a lead weighs."""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from domain.events import InteractionRecorded, LeadRecorded
from domain.states import Lead
from domain.vocabulary import Channel, Direction
from extractor.service import build as build_extractor
from learner.service import build as build_learner
from runtime.driver import Driver, Written
from runtime.global_table import Staging
from runtime.shelf import DUE, shelf_of
from runtime.state import Partition
from runtime.transform import Message
from schemas.codec import decode, encode
from schemas.sealed import seal
from tests import given
from tests.keyring import MemoryKeys

SOURCES = {"extractor": "interactions", "decider": "enriched", "learner": "transitions"}
FLOW = ("enriched", "transitions", "q-table")
BATCH = 20
"""Inputs of one commit: a tenth of a second at 200 events/s."""
DECIDER_US = 400
"""A decision with its full record may cost at most so much CPU."""
SAID = (
    "Can we book a visit on Saturday?",
    "How much is it a month? We might need some help with the fee.",
    "Sounds good, thank you! My husband wants to see it first.",
    "We are still thinking about it, the drive is long for us.",
)


@dataclass(slots=True)
class Stage:
    """CPU and bytes of one stage, summed over its inputs."""

    name: str
    inputs: int = 1  # the learner has its table's creation behind it
    first: int = 0
    cpu_s: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)

    def take(self, driver: Driver[Any], key: str, value: object) -> list[Written]:
        """One input, as the loop takes it: handled, encoded with its changelog, folded; decoded after the clock."""
        source = SOURCES[self.name]
        message = Message(source, 0, self.inputs + 1, key.encode(), encode(source, value), [], None)
        partition = driver.partition
        known = len(partition.emits)
        begun = time.process_time()
        partition.take(message)
        emits = partition.emits[known:]
        if self.inputs % BATCH == 0:
            emits += partition.changes()
            partition.fold()
        self.cpu_s += time.process_time() - begun
        self.inputs += 1
        for one in emits:
            self.sizes[one.topic] = self.sizes.get(one.topic, 0) + len(one.value or b"")
        return [
            Written(one.topic, (one.key or b"").decode(), decode(one.topic, one.value))
            for one in emits
            if one.value is not None and one.topic in FLOW
        ]

    @property
    def cpu_us(self) -> float:
        """CPU of one input."""
        return self.cpu_s / max(1, self.inputs - self.first) * 1e6

    @property
    def bytes_each(self) -> dict[str, int]:
        """Bytes of one input, by topic."""
        return {topic: round(size / max(1, self.inputs - self.first)) for topic, size in self.sizes.items()}


class Chain:
    """The three services over one partition, each timed apart."""

    def __init__(self) -> None:
        self.keys = MemoryKeys()
        self.values, policies = Staging(Q_TABLE), Staging(POLICIES)
        policies.add("parameters", given.PARAMETERS, strict=True)
        self.extractor = Driver(build_extractor(self.keys))
        self.decider = Driver(
            build_decider(lambda: learned(self.values.view, policies.view)), lambda: self.values.versions
        )
        self.learner = Driver(build_learner())
        self._learn(self.learner.send("default", given.TABLE))
        self.stages = {name: Stage(name) for name in ("extractor", "decider", "learner")}

    def send(self, event: InteractionRecorded | LeadRecorded) -> None:
        """One event through everything."""
        for enriched in self.stages["extractor"].take(self.extractor, event.lead_id, event):
            for one in self.stages["decider"].take(self.decider, enriched.key, enriched.value):
                if one.topic == "transitions":  # rows follow with the learner's commit
                    self._learn(self.stages["learner"].take(self.learner, one.key, one.value))

    def _learn(self, written: list[Written]) -> None:
        for row in written:
            if row.topic == "q-table":
                self.values.add(row.key, row.value, strict=True)


def text(chain: Chain, lead: int, number: int) -> InteractionRecorded:
    """An inbound SMS of one of the families, sealed as ingest seals it."""
    lead_id, event_id = f"bench-{lead}", f"event-{lead}-{number}"
    at = given.NOON + timedelta(minutes=number * 7, seconds=lead % 60)
    words = seal(chain.keys.of(lead_id), event_id, "transcript", SAID[number % len(SAID)])
    event = given.recorded(at, number, channel=Channel.SMS, direction=Direction.INBOUND, duration_s=None)
    return replace(event, event_id=event_id, lead_id=lead_id, transcript=words, guardian_id=None)


def per_stage(leads: int, each: int) -> dict[str, Stage]:
    """A first record and some messages of every family, through all stages."""
    chain = Chain()
    for lead in range(leads):
        chain.send(given.recorded_lead(lead_id=f"bench-{lead}", event_id=f"lead-{lead}"))
    for stage in chain.stages.values():
        stage.first, stage.cpu_s = stage.inputs, 0.0
        stage.sizes.clear()
    for number in range(each):
        for lead in range(leads):
            chain.send(text(chain, lead, number))
    return chain.stages


def bytes_a_lead(leads: int) -> float:
    """Resident memory of a decider's partition, a household: each restored from its changelog record."""
    chain = Chain()
    chain.send(given.recorded_lead(lead_id="bench-0", event_id="lead-0"))
    for number in range(6):
        chain.send(text(chain, 0, number))
    lead = chain.decider.partition.get("bench-0")
    assert lead is not None
    data = encode("leads", lead)
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    partition = _restored(data, leads)
    grown = process.memory_info().rss - before
    assert partition.count == leads
    return grown / leads


def _restored(data: bytes, leads: int) -> Partition[Lead]:
    transform = build_decider(given.learned)
    shelf = shelf_of(transform)
    for number in range(leads):
        shelf.restore(f"bench-{number}", bytes(bytearray(data)), [(DUE, b"")])  # bytes of its own
    return Partition(transform, 0, dict, shelf)


def main() -> None:
    """Both, as a table and as build/bench/stages.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=200)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--weighed", type=int, default=50_000)
    asked = parser.parse_args()
    stages = per_stage(asked.leads, asked.messages)
    weight = bytes_a_lead(asked.weighed)
    table = Table("stage", "inputs", "CPU us an input", "of the decider's", "bytes an input, by topic")
    for stage in stages.values():
        share = stage.cpu_us / stages["decider"].cpu_us
        table.add_row(
            stage.name,
            f"{stage.inputs - stage.first:,}",
            f"{stage.cpu_us:.0f}",
            f"{share:.2f}",
            ", ".join(f"{topic} {size:,}" for topic, size in stage.bytes_each.items()),
        )
    Console(width=120).print(table)
    cost = stages["decider"].cpu_us
    verdict = "kept" if cost <= DECIDER_US else "MISSED"
    print(f"a decision with its record {cost:.0f} us of CPU; at most {DECIDER_US}: {verdict}")
    print(f"a lead weighs {weight:,.0f} bytes in the decider's memory, over {asked.weighed:,}")
    target = Path("build/bench/stages.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    found = {name: {**asdict(stage), "cpu_us": stage.cpu_us} for name, stage in stages.items()}
    target.write_text(json.dumps({"stages": found, "bytes_a_lead": weight}, indent=2))
    print(f"written to {target}")


if __name__ == "__main__":
    main()
