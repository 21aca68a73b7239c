"""Lists of leads, of reminders, and the operators' queue over many households: first and deep pages in one process.

Rows are put in by COPY; what is measured is a warm request with its counts, names opened, on a real Postgres.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Engine, select

from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.postgres import layout_server
from infra.local.supervisor import Supervisor
from projections.api import queries, queue_queries, reminder_queries, routes
from projections.api.app import ABOUT, database, ready
from projections.api.asked import LeadsAsked, QueueAsked, RemindersAsked
from projections.api.by_status import by_status
from projections.api.cursors import LABEL, Cursors
from projections.api.filters import Filters, narrowed
from projections.api.searched import tokens
from projections.api.settings import ApiSettings
from projections.migrate import upgrade
from runtime.keys import Keys
from runtime.master import load_master
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.bench.households import fill, touch

AT_MOST_MS = 50
WARM, ROUNDS = 3, 20
FEW = 10
"""Households of a list without a middle."""
SECRET = secrets.token_hex(16)
LISTS: tuple[dict[str, str], ...] = (
    {},
    {"sort": "decided"},
    {"sort": "due"},
    {"status": "contacted"},
    {"status": "declined", "sort": "decided"},
    {"bucket": "considering"},
    {"bucket": "considering", "sort": "due"},
    {"action": "warm_follow_up"},
    {"action": "family_engage", "sort": "decided"},
    {"due": "now"},
    {"due": "now", "sort": "due"},
    {"status": "trial", "bucket": "neutral", "action": "scheduling_push"},
    {"q": "0000042"},
    {"q": "dana whitfield"},
    {"q": "whitf"},
    {"q": "dana"},
    {"q": "dana", "sort": "due"},
    {"q": "whit chl", "status": "contacted"},
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One page of one list: milliseconds of a request, and of its counts alone in SQL."""

    listing: str
    page: str
    p50_ms: float
    p99_ms: float
    counts_ms: float


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """DSN of `ACADEMY_POSTGRES`, or of an embedded server."""
    named = os.environ.get("ACADEMY_POSTGRES")
    if named:
        yield named
        return
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    layout = Layout.at(folder / "data")
    layout.make()
    try:
        server = layout_server(layout, free_ports(1)[0])
        server.prepare(environment)
        with Supervisor(layout.logs) as supervisor:
            supervisor.start([server.child(environment, 60)])
            yield server.dsn
    finally:
        hold.remove_all(layout)


@contextmanager
def filled(
    folder: Path, dsn: str, count: int, kafka: str | None = None, folded: Mapping[str, Any] | None = None
) -> Iterator[ApiSettings]:
    """A schema of its own with so many households; `folded` is what stands in their states beside reminders."""
    master = folder / "master.key"
    load_master(master, create=True)
    settings = ApiSettings(
        kafka=kafka,
        postgres=SecretStr(dsn),
        topic_prefix=f"bench{secrets.token_hex(3)}-",
        master_key_file=master,
        tokens=SecretStr(f"bench:{SECRET}:read"),
        read_seconds=60,
    )
    upgrade(dsn, settings.schema_name)
    try:
        fill(settings, count, folded)
        yield settings
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA "{settings.schema_name}" CASCADE')


def timed(work: Callable[[], object]) -> float:
    """Median milliseconds."""
    found = []
    for _ in range(WARM + ROUNDS):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found[WARM:])


class Bench:
    """The API over one database, its clock stopped."""

    def __init__(self, settings: ApiSettings) -> None:
        self.engine: Engine = database(settings)
        self._keys = Keys(settings)
        self._cursors, self._token = Cursors(self._keys.derived(LABEL)), tokens(self._keys)
        served = routes.routers(self.engine, self._keys, self._token, lambda: given.NOON)
        self._app = web_app(ABOUT, served, settings.rules(), Metrics(), ready(self.engine))

    def close(self) -> None:
        """Let go of the connections."""
        self._keys.close()
        self.engine.dispose()

    async def request(self, path: str, asked: dict[str, str]) -> list[float]:
        """Sorted milliseconds of equal requests, the first few left out."""
        found = []
        headers = {"Authorization": f"Bearer {SECRET}"}
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as client:
            for _ in range(WARM + ROUNDS):
                begun = time.perf_counter()
                answer = await client.get(path, params=asked)
                found.append((time.perf_counter() - begun) * 1000)
                answer.raise_for_status()
                assert answer.json()["items"], "an empty page measures nothing"
        return sorted(found[WARM:])

    def lists(self) -> Iterator[Measured]:
        """Every list, its first page and one in its middle."""
        for asked in LISTS:
            model = LeadsAsked.model_validate(asked)
            with self.engine.connect() as connection:
                filters = narrowed(connection, model.filters(given.NOON, self._token))
            name = " ".join(f"{key}={value}" for key, value in asked.items()) or "everyone"
            counts = self._in_sql(partial(by_status, filters=filters))
            yield self._measured("/api/leads", name, asked, counts)
            with self.engine.connect() as connection:
                if sum(by_status(connection, filters).values()) < FEW:
                    continue
                place = middle(connection, model, filters, self._cursors)
            yield self._measured("/api/leads", name, {**asked, "cursor": place}, counts)

    def queue(self) -> Iterator[Measured]:
        """The operators' queue, and its middle."""
        counts = self._in_sql(lambda connection: queue_queries.counts(connection, given.NOON))
        with self.engine.connect() as connection:
            items = queue_queries.page(connection, given.NOON, None, 20_000)
        place = QueueAsked().cursor_after(self._cursors, items[len(items) // 2])
        yield self._measured("/api/queue", "queue", {}, counts)
        yield self._measured("/api/queue", "queue", {"cursor": place}, counts)

    def reminders(self) -> Iterator[Measured]:
        """Every open reminder, and those that are due: the first page and one in its middle."""
        for name, asked in (("reminders", {}), ("reminders due=now", {"due": "now"})):
            model = RemindersAsked.model_validate(asked)
            with self.engine.connect() as connection:
                rows = reminder_queries.page(connection, model.until(given.NOON), None, 1_000)
            place = model.cursor_after(self._cursors, rows[len(rows) // 2])
            yield self._measured("/api/reminders", name, asked, 0.0)
            yield self._measured("/api/reminders", name, {**asked, "cursor": place}, 0.0)

    def nothing(self) -> float:
        """Milliseconds of `select 1` over the same connections."""
        return self._in_sql(lambda connection: connection.execute(select(1)))

    def _measured(self, path: str, name: str, asked: dict[str, str], counts: float) -> Measured:
        found = asyncio.run(self.request(path, asked))
        page = "deep" if "cursor" in asked else "first"
        return Measured(name, page, statistics.median(found), found[int(len(found) * 0.99)], counts)

    def _in_sql(self, work: Callable[[Connection], object]) -> float:
        def once() -> None:
            with self.engine.connect() as connection:
                work(connection)

        return timed(once)


def middle(connection: Connection, asked: LeadsAsked, filters: Filters, cursors: Cursors) -> str:
    """The cursor of the page in the middle of a list."""
    found = by_status(connection, filters)
    total = sum(found.values()) if asked.status is None else found[asked.status]
    rows = queries.page(connection, filters, asked.sort, None, max(total // 2, 1))
    return asked.cursor_after(cursors, rows[-1])


def main() -> None:
    """Fill, measure as settled by vacuum and as left by many changes, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="academy-bench-") as folder,
        postgres(Path(folder)) as dsn,
        filled(Path(folder), dsn, asked.leads) as settings,
    ):
        bench = Bench(settings)
        nothing = bench.nothing()
        settled = [*bench.lists(), *bench.queue(), *bench.reminders()]
        touch(settings, asked.leads // 50)  # as many as autovacuum leaves, by the table's own setting
        changed = [*bench.lists(), *bench.queue(), *bench.reminders()]
        bench.close()
    _tell(asked.leads, nothing, settled, changed)


def _tell(leads: int, nothing: float, settled: list[Measured], changed: list[Measured]) -> None:
    table = Table(
        "list", "page", "p50 ms", "p99 ms", "of it counts", "x select 1", "p50 after changes", "p99"
    )
    for one, later in zip(settled, changed, strict=True):
        numbers = (one.p50_ms, one.p99_ms, one.counts_ms, one.p50_ms / nothing, later.p50_ms, later.p99_ms)
        table.add_row(one.listing, one.page, *(f"{number:,.1f}" for number in numbers))
    Console(width=150).print(table)
    worst = max(one.p99_ms for one in (*settled, *changed) if one.page == "first")
    verdict = "kept" if worst <= AT_MOST_MS else "MISSED"
    print(
        f"{leads:,} leads; select 1 {nothing:.2f} ms; slowest first page {worst:.0f} ms (p99);"
        f" at most {AT_MOST_MS}: {verdict}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    target = Path("build/bench/lists.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "leads": leads,
        "select_1_ms": nothing,
        "load": os.getloadavg()[0],
        "cores": os.cpu_count(),
        "slowest_first_page_ms": worst,
        "settled": [asdict(one) for one in settled],
        "after_changes": [asdict(one) for one in changed],
    }
    target.write_text(json.dumps(result, indent=2))
    print(f"written to {target}")


if __name__ == "__main__":
    main()
