"""How long a decider needs until its state is back: from the changelog at a start, and folded anew from the record.

Both on a real broker, over several partitions; the leads are those of real stories, many times over.
"""

import argparse
import gc
import os
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from domain.states import Lead
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import logs
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
from tests.bench.pace import pace
from tests.bench.rebuild import (
    INPUTS,
    NAME,
    STORIES,
    Rebuilt,
    alone,
    facts,
    many,
    prefixed,
    rows,
    told,
    writing,
)
from tests.bench.rebuild import measured as rebuilds
from tests.bench.system import keep

RESTORE_SECONDS = 15.0
"""A million leads at a start."""
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    """A start: seconds until it is ready, what it read, and what a lead weighs then."""

    leads: int
    seconds: float
    bytes_read: int
    resident_bytes_a_lead: float
    peak_bytes_a_lead: float


class Counting(Metrics):
    """Knows how many states were read back."""

    def __init__(self) -> None:
        super().__init__()
        self.states = 0

    def restored(self, service: str, records: int) -> None:
        super().restored(service, records)
        self.states += records


def write_leads(settings: Settings, partition: Partition[Lead], leads: int) -> int:
    """The changelog as a decider leaves it; gives its bytes."""
    write, size = writing(settings, "leads"), 0
    shelf = Whole(build_decider(given.learned))
    for number in range(STORIES):
        name = NAME.format(number)
        ((_key, own, headers),) = shelf.changes({name: partition.get(name)})
        for key, value in many(name, name.encode(), own or b"", leads):
            write(key, value, -1, headers)
            size += len(key) + len(value)
    position = encode("leads", Position(given.NOON, given.NOON, 0))
    for number in range(settings.partitions):
        write(POSITION_KEY.encode(), position, number)
    write(None, b"", 0)
    return size


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


def measured(kafka: str, leads: int, inputs: int, partitions: int) -> tuple[Restored, dict[str, Rebuilt]]:
    """Both, each under a prefix of its own."""
    settings = prefixed(kafka, partitions)
    partition, _record = told()
    start: Restored = alone(restored, settings, leads, write_leads(settings, partition, leads))
    return start, rebuilds(kafka, inputs, partitions)


def main() -> None:
    """As a table and as build/bench/restore.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=MILLION)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--partitions", type=int, default=4)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            found = measured(addresses.kafka, asked.leads, asked.inputs, asked.partitions)
        hold.remove_all(layout)
    _tell(*found)


def _tell(start: Restored, anew: dict[str, Rebuilt]) -> None:
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
        *rows(anew),
    ):
        table.add_row(name, value, target)
    Console(width=120).print(table)
    print("one process restores, as many as cores fold, with the broker beside them")
    print(f"the yardstick takes {yardstick_ms:.1f} ms at best")
    keep("restore", {"restored": asdict(start), "rebuilt": facts(anew), "yardstick_ms": yardstick_ms})


def _kept(target: float, kept: bool) -> str:
    return f"{target:,.0f}: {'kept' if kept else 'MISSED'}"


if __name__ == "__main__":
    main()
