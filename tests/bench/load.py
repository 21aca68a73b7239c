"""Requests to one server from this process: as many as it can take, or so many a second; milliseconds of each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from tests.bench.client import Answer, Client

Ask = Callable[[Client], Awaitable[Answer]]
"""One request; the next one asks for something else."""


@dataclass(frozen=True, slots=True)
class Load:
    """Answers a second, their milliseconds, CPU of the server's process for one, and our own share of a core."""

    rate: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    own_share: float


class Server:
    """A process that answers, and how many requests are under way to it at a time."""

    def __init__(self, address: str, token: str, pid: int, connections: int = 16) -> None:
        self._address, self._token, self._connections = address, token, connections
        self._process = psutil.Process(pid)

    @property
    def resident(self) -> int:
        """Bytes of memory."""
        return int(self._process.memory_info().rss)

    def full(self, ask: Ask, seconds: float) -> Load:
        """Every connection asks again as soon as it is answered."""
        return self._measured(lambda client: _full(client, ask, seconds, self._connections))

    def steady(self, ask: Ask, rate: float, seconds: float) -> Load:
        """So many a second at even distances, each counted from when it was due: who waits is not forgotten."""
        return self._measured(lambda client: _steady(client, ask, rate, seconds))

    def _measured(self, work: Callable[[Client], Awaitable[list[float]]]) -> Load:
        cpu, own, begun = self._cpu(), time.process_time(), time.monotonic()
        found = sorted(asyncio.run(self._with_client(work)))
        passed = time.monotonic() - begun
        return Load(
            rate=len(found) / passed,
            p50_ms=found[len(found) // 2] * 1000,
            p99_ms=found[int(len(found) * 0.99)] * 1000,
            server_cpu_ms=(self._cpu() - cpu) / len(found) * 1000,
            own_share=(time.process_time() - own) / passed,
        )

    async def _with_client(self, work: Callable[[Client], Awaitable[list[float]]]) -> list[float]:
        client = Client(self._address, self._token)
        try:
            return await work(client)
        finally:
            await client.close()

    def _cpu(self) -> float:
        spent = self._process.cpu_times()
        return float(spent.user + spent.system)


async def _full(client: Client, ask: Ask, seconds: float, connections: int) -> list[float]:
    found: list[float] = []
    end = time.monotonic() + seconds

    async def one() -> None:
        while (begun := time.monotonic()) < end:
            await _once(client, ask)
            found.append(time.monotonic() - begun)

    await asyncio.gather(*(one() for _ in range(connections)))
    return found


async def _steady(client: Client, ask: Ask, rate: float, seconds: float) -> list[float]:
    found: list[float] = []

    async def one(due: float) -> None:
        await _once(client, ask)
        found.append(time.monotonic() - due)

    async with asyncio.TaskGroup() as group:
        for due in _moments(rate, seconds):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(one(due))
    return found


def _moments(rate: float, seconds: float) -> Iterator[float]:
    begun = time.monotonic()
    return (begun + number / rate for number in range(int(rate * seconds)))


async def _once(client: Client, ask: Ask) -> Any:
    return (await ask(client)).json()
