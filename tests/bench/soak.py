"""Services under a steady load for a while: whether their memory grows, whether they fall behind, what they log.

First a backlog says what the chain of services can do on this machine; then a share of that comes as it would,
evenly, and each process is looked at every few seconds. It fails where a lag grows or an error was logged.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from domain.events import Tick
from domain.vocabulary import Channel, Direction
from infra import topics
from infra.configuration import configure
from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.stack import Addresses, infrastructure
from projections.migrate import upgrade
from runtime import clients, logs
from runtime.checks import await_kafka
from runtime.keys import Keys, household
from runtime.settings import Settings
from schemas.codec import encode
from schemas.sealed import seal
from schemas.topics import TICK_KEY
from tests import given
from tests.bench.pace import pace
from tests.bench.system import keep
from tests.broker import eventually
from tests.integration.runtime.loops import environment, service

SERVICES = ("extractor", "decider", "learner", "projections")
PARTITIONS, FAMILIES = 4, 400
SHARE = 0.6
"""Of what the services can do."""
BACKLOG = 6_000
LOOK_SECONDS, TICK_SECONDS = 5.0, 60.0
SETTLED = 0.25
"""The share of the time after which memory and lag count: caches are full by then."""
LAG_SECONDS = 5.0
"""A lag is bounded while it is never longer than what comes in so many seconds."""
PATIENCE_SECONDS = 300.0
SAID = (
    "Can we book a visit on Saturday?",
    "How much is it a month? We might need some help with the fee.",
    "Sounds good, thank you! My husband wants to see it first.",
    "We are still thinking about it, the drive is long for us.",
)


@dataclass(slots=True)
class Watched:
    """One process: seconds since the start, resident bytes and lag at each look, and lines that tell of an error."""

    at_s: list[float] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)
    lag: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def megabytes_an_hour(self) -> float:
        """Slope of the resident memory once it has settled."""
        return slope(*self.settled(self.resident)) * 3600 / 1e6

    @property
    def lag_an_hour(self) -> float:
        """Slope of the lag, in records."""
        return slope(*self.settled(self.lag)) * 3600

    def settled(self, values: list[int]) -> tuple[list[float], list[int]]:
        """What was seen after everything had settled."""
        first = int(len(self.at_s) * SETTLED)
        return self.at_s[first:], values[first:]


def slope(at: list[float], values: list[int]) -> float:
    """Of the line of least squares, a second; 0 where there are too few."""
    return statistics.linear_regression(at, values).slope if len(at) > 2 else 0.0


class Load:
    """Texts from families, one after the other, sealed as ingest seals them; and time itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._producer = settings, clients.writer(settings)
        keys = Keys(settings)
        self._keys = [keys.of(household(f"soak-{number}")) for number in range(FAMILIES)]
        self.count = 0

    def send(self, count: int) -> None:
        """So many texts now."""
        for _ in range(count):
            number, self.count = self.count, self.count + 1
            lead_id, event_id = f"soak-{number % FAMILIES}", f"soak-event-{number}"
            words = seal(self._keys[number % FAMILIES], event_id, "transcript", SAID[number % len(SAID)])
            event = given.recorded(
                datetime.now(UTC), number, channel=Channel.SMS, direction=Direction.INBOUND, duration_s=None
            )
            said = replace(
                event, event_id=event_id, lead_id=lead_id, transcript=words, guardian_id=None,
                body_hash=event_id.encode(),
            )  # fmt: skip
            self._producer.produce(
                self._settings.topic("interactions"), encode("interactions", said), lead_id
            )
            self._producer.poll(0)

    def tick(self) -> None:
        """A minute has passed, on every partition."""
        data = encode("interactions", Tick(datetime.now(UTC)))
        for number in range(PARTITIONS):
            self._producer.produce(self._settings.topic("interactions"), data, TICK_KEY, number)

    def flush(self) -> None:
        """All of it is on the log."""
        if self._producer.flush(30):
            raise RuntimeError("the broker did not take the load")

    def steady(self, rate: float, stopping: threading.Event) -> None:
        """At an even rate until told to stop."""
        begun, sent, ticked = time.monotonic(), 0, 0.0
        while not stopping.wait(0.05):
            passed = time.monotonic() - begun
            due = int(passed * rate)
            self.send(due - sent)
            sent = due
            if passed >= ticked:
                self.tick()
                ticked += TICK_SECONDS
        self.flush()


@contextmanager
def services(settings: Settings, folder: Path) -> Iterator[dict[str, tuple[psutil.Process, int]]]:
    """Each as a process, with the port where it says how far behind it is."""
    environment(settings)  # makes the master key, which the load needs too
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(
                service(name, settings, folder / f"{name}.log", ACADEMY_HEALTH_PORT=str(ports[name]))
            )
            for name in SERVICES
        }
        eventually(lambda: all(lag(port) is not None for port in ports.values()), "ready", PATIENCE_SECONDS)
        yield {name: (psutil.Process(process.pid), ports[name]) for name, process in processes.items()}


def lag(port: int) -> int | None:
    """Records that a service is behind, as it says itself; None where it is not ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            found: int | None = json.load(answer)["lag"]
            return found
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None


def capacity(load: Load, running: Mapping[str, tuple[psutil.Process, int]]) -> float:
    """Events a second of the whole chain, over a backlog."""
    load.send(500)
    load.flush()
    _caught_up(running)
    begun = time.monotonic()
    load.send(BACKLOG)
    load.flush()
    _caught_up(running)
    return BACKLOG / (time.monotonic() - begun)


def _caught_up(running: Mapping[str, tuple[psutil.Process, int]]) -> None:
    """Nobody is behind, and a moment later still: what one has done is the next one's input."""
    quiet = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while quiet < 3:
        if time.monotonic() > deadline:
            raise RuntimeError("the services do not catch up")
        time.sleep(0.7)  # a service tells its lag once a second
        quiet = quiet + 1 if all(lag(port) == 0 for _process, port in running.values()) else 0


def watched(
    running: Mapping[str, tuple[psutil.Process, int]], folder: Path, seconds: float
) -> dict[str, Watched]:
    """A look at each process every few seconds, and at what it has logged at the end."""
    found = {name: Watched() for name in running}
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        for name, (process, port) in running.items():
            behind = lag(port)
            if behind is not None:
                found[name].at_s.append(passed)
                found[name].resident.append(process.memory_info().rss)
                found[name].lag.append(behind)
        time.sleep(LOOK_SECONDS)
    for name, each in found.items():
        each.errors = errors((folder / f"{name}.log").read_text().splitlines())
    return found


def errors(lines: list[str]) -> list[str]:
    """Lines that tell of an error: by their level, or no lines of our logger at all."""
    return [line for line in lines if '"level": "info"' not in line and '"level": "warning"' not in line]


def judged(name: str, each: Watched, rate: float, seconds: float) -> list[str]:
    """What is wrong with a process, in sentences."""
    at, lags = each.settled(each.lag)
    wrong = [f"{name} logged: {line[:200]}" for line in each.errors[:3]]
    if len(at) < seconds / LOOK_SECONDS / 2:
        wrong.append(f"{name} said how far behind it is only {len(at)} times")
    elif max(lags) > rate * LAG_SECONDS:
        wrong.append(f"{name} was {max(lags):,} records behind, more than {LAG_SECONDS:.0f} s of the load")
    elif each.lag_an_hour * seconds / 3600 > rate:
        wrong.append(f"{name} falls behind: its lag grew by {each.lag_an_hour:,.0f} records an hour")
    return wrong


def main() -> None:
    """As a table and as build/bench/soak.json; exits 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        folder = Path(name)
        layout = Layout.at(folder / "data")
        with infrastructure(layout, Settings()) as addresses:
            able, found = soaked(_settings(addresses, folder), folder, asked.minutes * 60)
        hold.remove_all(layout)
    _tell(able, found, asked.minutes * 60)


def soaked(settings: Settings, folder: Path, seconds: float) -> tuple[float, dict[str, Watched]]:
    """The capacity, and every process under a share of it."""
    topics.apply(settings, await_kafka(settings))
    configure(settings)
    assert settings.postgres is not None
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    with services(settings, folder) as running:
        load = Load(settings)
        able = capacity(load, running)
        stopping = threading.Event()
        thread = threading.Thread(target=load.steady, args=(able * SHARE, stopping))
        thread.start()
        try:
            return able, watched(running, folder, seconds)
        finally:
            stopping.set()
            thread.join()


def _settings(addresses: Addresses, folder: Path) -> Settings:
    return Settings(
        kafka=addresses.kafka,
        postgres=addresses.postgres,
        topic_prefix=f"soak{uuid.uuid4().hex[:6]}-",
        partitions=PARTITIONS,
        data_dir=folder,
        master_key_file=folder / "master.key",
    )


def _tell(able: float, found: dict[str, Watched], seconds: float) -> None:
    yardstick_ms = pace().yardstick_s * 1e3
    rate = able * SHARE
    table = Table("process", "resident MB", "MB an hour", "lag, median", "lag, most", "error lines")
    for name, each in found.items():
        _at, lags = each.settled(each.lag)
        table.add_row(
            name,
            f"{each.resident[-1] / 1e6:,.0f}",
            f"{each.megabytes_an_hour:+,.1f}",
            f"{statistics.median(lags):,.0f}",
            f"{max(lags):,}",
            str(len(each.errors)),
        )
    Console(width=100).print(table)
    print(
        f"{seconds / 60:.0f} minutes at {rate:,.0f} events/s, {SHARE:.0%} of the {able:,.0f} that they can do "
        f"here; the yardstick takes {yardstick_ms:.1f} ms at best"
    )
    keep(
        "soak",
        {
            "capacity": able,
            "rate": rate,
            "seconds": seconds,
            "yardstick_ms": yardstick_ms,
            "processes": {
                name: {**asdict(each), "megabytes_an_hour": each.megabytes_an_hour}
                for name, each in found.items()
            },
        },
    )
    wrong = [
        said for name, each in found.items() for said in judged(name, each, rate, seconds * (1 - SETTLED))
    ]
    print("\n".join(wrong) or "no lag grew, no error was logged: kept")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
