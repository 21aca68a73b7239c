"""From POST to the decision visible by GET, on the whole local system under a steady load.

Every event is posted at its own due time whatever the answers do; after every so many the caller reads its own write.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from infra.local import hold
from infra.local.layout import Layout
from tests.bench.client import Client
from tests.broker import eventually

ACADEMY = (sys.executable, "-m", "infra.cli.app")
FAMILIES = 400
FOLLOW = 20
"""One event in so many is followed: reading must not be the load."""


def body(number: int) -> dict[str, Any]:
    """A short inbound text from one of the families."""
    words = ("Can we book a visit on Saturday?", "How much is it a month?", "Sounds good, thank you!")
    return {
        "lead_id": f"bench-{number % FAMILIES}",
        "channel": "sms",
        "direction": "inbound",
        "outcome": "completed",
        "occurred_at": datetime.now(UTC).isoformat(),
        "transcript": words[number % len(words)],
    }


async def load(client: Client, rate: int, seconds: float) -> list[float]:
    """Seconds from each followed POST to its decision."""
    found: list[float] = []
    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            group.create_task(_one(client, number, found))
    return found


async def _one(client: Client, number: int, found: list[float]) -> None:
    begun = time.monotonic()
    event = body(number)
    told = (await client.post("/api/interactions", event)).json()
    if number % FOLLOW:
        return
    after = f"{told['topic']}/{told['partition']}/{told['offset']}"
    decision = (await client.get(f"/api/nba/{event['lead_id']}/current", academy_after=after)).json()
    if decision["root_offset"] < told["offset"]:
        raise RuntimeError("the decision read is older than the event")
    found.append(time.monotonic() - begun)


def cpu_of(pids: dict[str, int]) -> dict[str, float]:
    """CPU seconds of each service so far."""
    return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}


async def measured(status: dict[str, Any], token: str, rate: int, seconds: float) -> dict[str, Any]:
    """Percentiles in milliseconds, and CPU microseconds an event of each service."""
    pids = {row["name"]: row["pid"] for row in status["services"] if row["name"] != "ingest"}
    client = Client(status["api"], token)
    await load(client, rate, 5)  # warms every process
    before = cpu_of(pids)
    found = sorted(await load(client, rate, seconds))
    after = cpu_of(pids)
    await client.close()
    events = rate * seconds
    return {
        "rate": rate,
        "events": int(events),
        "followed": len(found),
        "p50_ms": statistics.median(found) * 1000,
        "p99_ms": found[int(len(found) * 0.99)] * 1000,
        "cpu_us": {name: (after[name] - before[name]) / events * 1e6 for name in pids},
    }


def main() -> None:
    """Start the system, measure, stop it, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        data = Path(folder) / "data"
        environment = {**os.environ, "ACADEMY_DATA_DIR": str(data), "XDG_CONFIG_HOME": folder}
        with (Path(folder) / "output").open("wb") as output:
            system = subprocess.Popen(
                (*ACADEMY, "run", "--no-demo"), env=environment, stdout=output, stderr=output
            )
        try:
            status = eventually(lambda: _ready(environment), "the system is up", 120)
            token = Path(status["token_file"]).read_text().strip()
            result = asyncio.run(measured(status, token, asked.rate, asked.seconds))
        finally:
            system.terminate()
            system.wait(20)
            hold.remove_all(Layout.at(data))
    _tell(result)


def _ready(environment: dict[str, str]) -> dict[str, Any] | None:
    done = subprocess.run(
        (*ACADEMY, "status", "--json"), env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return None
    status: dict[str, Any] = json.loads(done.stdout)
    names = {row["name"] for row in status["services"] if row["state"] == "ready"}
    return status if {"ingest", "extractor", "decider", "learner", "projections"} <= names else None


def _tell(result: dict[str, Any]) -> None:
    table = Table("process", "CPU us an event")
    for name, spent in result["cpu_us"].items():
        table.add_row(name, f"{spent:,.0f}")
    Console().print(table)
    print(
        f"{result['rate']} events/s, {result['followed']} followed: "
        f"p50 {result['p50_ms']:.0f} ms, p99 {result['p99_ms']:.0f} ms"
    )
    target = Path("build/bench/latency.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2))
    print(f"written to {target}")


if __name__ == "__main__":
    main()
