"""Ingest against a bare Starlette route that produces the same JSON with acks=all: one interaction, and batches.

Either server is a process on one real broker; the requests come from this process, by HTTP. Ingest checks the body,
reads the text for an opt-out, seals it under the family's key and writes Avro; the bare route does none of it.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra import topics
from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.stack import infrastructure
from projections.migrate import upgrade
from runtime import logs
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.bench.lists import SECRET
from tests.bench.load import Ask, Load, Server
from tests.bench.pace import pace
from tests.bench.reads import process
from tests.bench.soak import SAID, slope
from tests.bench.system import keep
from tests.integration.runtime.loops import environment

AT_LEAST = 0.7
FAMILIES, BATCH = 400, 100
ROUNDS, SECONDS = 3, 8.0
SLICE_SECONDS = 10.0
"""Of the longer load: memory is looked at after each."""
SETTLED = 0.25
"""The share of the longer load after which memory counts."""


def interactions() -> Iterator[dict[str, Any]]:
    """Texts from families, without end."""
    for number in itertools.count():
        yield {
            "lead_id": f"rate-{number % FAMILIES}",
            "channel": "sms",
            "direction": "inbound",
            "outcome": "completed",
            "occurred_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
            "transcript": SAID[number % len(SAID)],
        }


def single() -> Ask:
    """One a request."""
    source = interactions()
    return lambda client: client.post("/api/interactions", next(source))


def batches() -> Ask:
    """A hundred a request."""
    source = interactions()
    return lambda client: client.post("/api/interactions/batch", list(itertools.islice(source, BATCH)))


@contextmanager
def servers(settings: Settings) -> Iterator[tuple[Server, Server]]:
    """Ingest and the bare route, each with a topic of its own."""
    ours, bare = free_ports(2)
    said = {"kafka": settings.kafka, "topic": settings.topic("inbox"), "port": bare}
    own = environment(settings) | {
        "ACADEMY_PORT": str(ours), "ACADEMY_TOKENS": f"bench:{SECRET}:ingest", "ACADEMY_CLOCK_SECONDS": "0",
        "ACADEMY_WRITE_RATE": "",
    }  # fmt: skip
    with ExitStack() as stack:
        one = stack.enter_context(process("infra.cli.app", "service", "ingest", port=ours, **own))
        other = stack.enter_context(process("tests.bench.bare", port=bare, BARE=json.dumps(said)))
        yield (
            Server(f"http://127.0.0.1:{ours}", SECRET, one.pid),
            Server(f"http://127.0.0.1:{bare}", SECRET, other.pid),
        )


def measured(ours: Server, bare: Server) -> dict[str, list[tuple[Load, Load]]]:
    """Either kind of request in turns, warmed up."""
    found = {}
    for name, asking in (("single", single), ("batch", batches)):
        for server in (ours, bare):
            server.full(asking(), SECONDS / 2)
        found[name] = [(ours.full(asking(), SECONDS), bare.full(asking(), SECONDS)) for _ in range(ROUNDS)]
    return found


def grown(server: Server, rate: float, minutes: float) -> tuple[list[float], list[int]]:
    """Seconds and resident bytes over a longer load of single requests."""
    at, resident, begun = list[float](), list[int](), time.monotonic()
    ask = single()
    while time.monotonic() - begun < minutes * 60:
        server.steady(ask, rate, SLICE_SECONDS)
        at.append(time.monotonic() - begun)
        resident.append(server.resident)
    first = int(len(at) * SETTLED)
    return at[first:], resident[first:]


def main() -> None:
    """In turns, then longer; tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of the longer load")
    minutes = parser.parse_args().minutes
    logs.configure("ERROR")
    best = pace()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        folder = Path(name)
        layout = Layout.at(folder / "data")
        with infrastructure(layout, Settings()) as addresses:
            settings = Settings(
                kafka=addresses.kafka, postgres=addresses.postgres, topic_prefix=f"rate{uuid.uuid4().hex[:6]}-",
                partitions=4, data_dir=folder, master_key_file=folder / "master.key",
            )  # fmt: skip
            topics.apply(settings, await_kafka(settings))
            assert settings.postgres is not None
            upgrade(settings.postgres.get_secret_value(), settings.schema_name)
            with servers(settings) as (ours, bare):
                found = measured(ours, bare)
                half = statistics.median(one.rate for one, _ in found["single"]) / 2
                at, resident = grown(ours, half, minutes)
        hold.remove_all(layout)
    _tell(found)
    print(
        f"{minutes:g} minutes at {half:,.0f}/s: {resident[-1] / 1e6:.0f} MB resident, "
        f"{slope(at, resident) * 60 / 1e6:+.2f} MB a minute once settled; yardstick {best.yardstick_s * 1000:.1f} ms"
    )
    keep("ingest_rate", {
        "rounds": {name: [[asdict(a), asdict(b)] for a, b in rounds] for name, rounds in found.items()},
        "batch": BATCH, "minutes": minutes, "rate": half, "at_s": at, "resident": resident,
        "yardstick_ms": best.yardstick_s * 1000,
    })  # fmt: skip


def _tell(found: dict[str, list[tuple[Load, Load]]]) -> None:
    table = Table(
        "request", "ingest req/s", "bare req/s", "ratio", "ingest CPU ms", "bare CPU ms", "client's core"
    )
    ratios = {}
    for name, rounds in found.items():
        for ours, bare in rounds:
            table.add_row(
                name, f"{ours.rate:,.0f}", f"{bare.rate:,.0f}", f"{ours.rate / bare.rate:.2f}",
                f"{ours.server_cpu_ms:.2f}", f"{bare.server_cpu_ms:.2f}", f"{ours.own_share:.0%} {bare.own_share:.0%}",
            )  # fmt: skip
        ratios[name] = statistics.median(ours.rate / bare.rate for ours, bare in rounds)
    Console(width=110).print(table)
    for name, ratio in ratios.items():
        verdict = "kept" if ratio >= AT_LEAST else "MISSED"
        print(f"{name}: ratio {ratio:.2f}, at least {AT_LEAST}: {verdict}")


if __name__ == "__main__":
    main()
