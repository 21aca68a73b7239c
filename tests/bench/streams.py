"""Idle clients of `GET /api/events` on the whole local system: what each costs, how soon an event is at all.

The event is one text message, told by POST; a reader that waits for its own write is measured beside the streams.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from runtime.web import open_files
from tests.bench.client import Client
from tests.bench.latency import body
from tests.bench.system import System, folder, keep, running

MOST_KB, MOST_SECONDS = 60.0, 1.0
AT_ONCE = 100
"""Connections opened together."""
QUIET_SECONDS = 3.0
"""Until what opening them took is given back."""
PATIENCE_SECONDS = 30.0
WARM = 30
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds from the POST: until its writer reads the decision, and until it is at the first and the last client."""

    read: float
    first: float
    last: float


class Listening:
    """Many streams, each a bare connection."""

    def __init__(self, address: str, token: str) -> None:
        self._host, _, port = address.removeprefix("http://").partition(":")
        self._port = int(port)
        self._request = (
            f"GET /api/events HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        self._readers: list[asyncio.StreamReader] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self, count: int) -> None:
        """So many more, each past what is sent first."""
        for begin in range(0, count, AT_ONCE):
            await asyncio.gather(*(self._one() for _ in range(min(AT_ONCE, count - begin))))

    async def heard(self, lead_id: str) -> list[float]:
        """When each client had an event of this lead."""
        return await asyncio.gather(*(self._until(reader, lead_id) for reader in self._readers))

    def close(self) -> None:
        """Leave."""
        for writer in self._writers:
            writer.close()

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(self._request.encode())
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.partition(b"\r\n")[0]:
                raise RuntimeError(head.decode())
            await reader.readuntil(b"id: ")
        self._readers.append(reader)
        self._writers.append(writer)

    async def _until(self, reader: asyncio.StreamReader, lead_id: str) -> float:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reader.readuntil(f'"lead_id":"{lead_id}"'.encode())
        return time.monotonic()


async def told(client: Client, listening: Listening, number: int) -> Round:
    """One message, and when it was where."""
    event = body(number)
    waiting = asyncio.create_task(listening.heard(event["lead_id"]))
    await asyncio.sleep(0)
    begun = time.monotonic()
    place = (await client.post("/api/interactions", event)).json()
    after = f"{place['topic']}/{place['partition']}/{place['offset']}"
    (await client.get(f"/api/leads/{event['lead_id']}", academy_after=after)).json()
    read = time.monotonic()
    times = await waiting
    return Round(read - begun, min(times) - begun, max(times) - begun)


async def measured(system: System, count: int) -> tuple[float, list[Round]]:
    """kB of the serving process each client takes, and the rounds."""
    serving = psutil.Process(pid_of(system))
    client = Client(system.status["api"], system.token)
    warm, listening = (Listening(system.status["api"], system.token) for _ in range(2))
    await warm.open(1)
    for number in range(WARM):
        await told(client, warm, number)
    before = serving.memory_full_info().uss
    await listening.open(count)
    await asyncio.sleep(QUIET_SECONDS)
    each = (serving.memory_full_info().uss - before) / count / 1000
    rounds = [await told(client, listening, WARM + number) for number in range(ROUNDS)]
    for one in (warm, listening):
        one.close()
    await client.close()
    return each, rounds


def pid_of(system: System) -> int:
    """Of the process that serves the API."""
    port = int(system.status["api"].rpartition(":")[2])
    return next(int(one["pid"]) for one in system.status["services"] if one["port"] == port)


def lines(rounds: list[Round]) -> Iterator[tuple[str, ...]]:
    """Milliseconds, and how the last client stands to the reader."""
    for one in rounds:
        numbers = (one.read * 1000, one.first * 1000, one.last * 1000)
        yield (*(f"{number:,.0f}" for number in numbers), f"{one.last / one.read:.2f}")


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2_000)
    count = parser.parse_args().clients
    open_files()
    os.environ["ACADEMY_STREAMS_A_TOKEN"] = str(count + 1)
    with folder() as place, running(place) as system:
        each, rounds = asyncio.run(measured(system, count))
    table = Table("its writer reads it, ms", "at the first client", "at all clients", "all x reader")
    for line in lines(rounds):
        table.add_row(*line)
    Console().print(table)
    slowest = max(one.last for one in rounds)
    kept = each <= MOST_KB and slowest <= MOST_SECONDS
    print(
        f"{count:,} idle clients: {each:.1f} kB each (at most {MOST_KB:.0f}), an event at all of them after"
        f" {slowest * 1000:,.0f} ms at most (at most {MOST_SECONDS * 1000:,.0f}): {'kept' if kept else 'MISSED'};"
        f" load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    result: dict[str, Any] = {
        "clients": count,
        "kb_each": each,
        "rounds": [asdict(one) for one in rounds],
        "load": os.getloadavg()[0],
        "cores": os.cpu_count(),
    }
    keep("streams", result)


if __name__ == "__main__":
    main()
