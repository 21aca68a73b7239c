"""From POST to the decision visible by GET, on the whole local system under a steady load.

Every event is posted at its own due time whatever the answers do; after every so many the caller reads its own write.
"""

import argparse
import asyncio
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.client import Client
from tests.bench.system import folder, keep, running

FAMILIES = 400
WARM_SECONDS = 15.0
"""Until the broker's code is compiled and every cache is filled."""
NOT_YET = 503
"""After 5 s a reader is told to ask again, and does."""
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
    path = f"/api/nba/{event['lead_id']}/current"
    while (answer := await client.get(path, academy_after=after)).status == NOT_YET:
        pass
    decision = answer.json()
    if decision["root_offset"] < told["offset"]:
        raise RuntimeError("the decision read is older than the event")
    found.append(time.monotonic() - begun)


def cpu_of(pids: dict[str, int]) -> dict[str, float]:
    """CPU seconds of each service so far, its children's included."""
    return {name: sum(map(_cpu, _family(pid))) for name, pid in pids.items()}


def _family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0


async def measured(status: dict[str, Any], token: str, rate: int, seconds: float) -> dict[str, Any]:
    """Percentiles in milliseconds, and CPU microseconds an event of each service."""
    pids = {row["name"]: row["pid"] for row in status["services"] if row["name"] != "ingest"}
    client = Client(status["api"], token)
    await load(client, rate, WARM_SECONDS)
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
    with folder() as place, running(place) as system:
        result = asyncio.run(measured(system.status, system.token, asked.rate, asked.seconds))
    _tell(result)


def _tell(result: dict[str, Any]) -> None:
    table = Table("process", "CPU us an event")
    for name, spent in result["cpu_us"].items():
        table.add_row(name, f"{spent:,.0f}")
    Console().print(table)
    print(
        f"{result['rate']} events/s, {result['followed']} followed: "
        f"p50 {result['p50_ms']:.0f} ms, p99 {result['p99_ms']:.0f} ms"
    )
    keep("latency", result)


if __name__ == "__main__":
    main()
