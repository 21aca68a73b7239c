"""The three engines as processes, and one run of one of them, watched from outside by what its group has committed."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from runtime.clients import CALL_SECONDS
from runtime.settings import Settings

LOOK_SECONDS = 0.05
STALLED_SECONDS = 60.0
"""A worker that commits nothing for so long has failed."""
STOP_SECONDS = 30.0
SAID = 2_000
"""Characters of what a worker said last that are told where it failed."""
_NOT_YET = (
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError.GROUP_ID_NOT_FOUND,
)
"""A group's coordinator is there once somebody has joined."""


@dataclass(frozen=True, slots=True)
class Worker:
    """An engine: its group, the topics that are made for it, its output's first; how it is run, what it says."""

    name: str
    group: str
    topics: tuple[str, ...]
    command: tuple[str, ...]
    said: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one run after warming up; CPU and greatest resident memory are those of the worker's process."""

    records_s: float
    cpu_us: float
    resident_mb: float
    start_s: float
    seconds: float


def workers(settings: Settings, commands: Mapping[str, tuple[str, ...]], folder: Path) -> Iterator[Worker]:
    """Each engine; `commands` are those of the peers without their arguments."""
    here = Path(__file__).parent
    kafka, prefix = str(settings.kafka), settings.topic_prefix
    ours = (sys.executable, "-m", "tests.bench.peers.ours", kafka, prefix, str(settings.partitions))
    yield Worker("ours", "ours", ("answered", "kept"), ours, folder / "ours.log")
    state = str(folder / "quix")
    python = (*commands["quixstreams"], str(here / "quix.py"), kafka, prefix, state)
    yield Worker("quixstreams", "quix", ("quix-answered",), python, folder / "quix.log")
    state = str(folder / "streams")
    java = (*commands["kafka streams"], kafka, prefix, state, str(here / "avro"))
    yield Worker("kafka streams", "streams", ("streams-answered",), java, folder / "streams.log")


def measured(worker: Worker, settings: Settings, admin: AdminClient, warm: int, records: int) -> Measured:
    """Run it until its group has committed so many records; the clock starts when `warm` of them are."""
    begun = time.monotonic()
    with worker.said.open("wb") as said:
        process = subprocess.Popen(worker.command, stdout=said, stderr=said)
    try:
        seen = psutil.Process(process.pid)
        group = settings.topic(worker.group)
        _until(admin, group, process, 1)
        start_s = time.monotonic() - begun
        first, _peak = _until(admin, group, process, warm)
        clock, cpu = time.monotonic(), _cpu_s(seen)
        last, peak = _until(admin, group, process, records)
        seconds, spent = time.monotonic() - clock, _cpu_s(seen) - cpu
    except RuntimeError as failure:
        raise RuntimeError(f"{failure}; it said:\n{worker.said.read_text()[-SAID:]}") from failure
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
    handled = last - first
    return Measured(handled / seconds, spent / handled * 1e6, peak / 1e6, start_s, seconds)


def _until(
    admin: AdminClient, group: str, process: "subprocess.Popen[bytes]", wanted: int
) -> tuple[int, int]:
    """How much is committed once at least `wanted` is, and the most resident bytes meanwhile."""
    done = peak = 0
    deadline = time.monotonic() + STALLED_SECONDS
    while done < wanted:
        if process.poll() is not None:
            raise RuntimeError(f"{group} ended after {done:,} records")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{group} stands still after {done:,} records")
        time.sleep(LOOK_SECONDS)
        before, done = done, max(done, _committed(admin, group))
        peak = max(peak, psutil.Process(process.pid).memory_info().rss)
        if done > before:
            deadline = time.monotonic() + STALLED_SECONDS
    return done, peak


def _committed(admin: AdminClient, group: str) -> int:
    """Records whose transaction is committed: the input has no markers, so offsets count them."""
    asked = [ConsumerGroupTopicPartitions(group)]
    found = admin.list_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[group]
    try:
        places = found.result().topic_partitions
    except KafkaException as wrong:
        if wrong.args[0].code() not in _NOT_YET:
            raise
        return 0
    return sum(max(0, place.offset) for place in places)


def _cpu_s(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])
