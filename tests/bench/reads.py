"""`GET /api/leads/{lead_id}` over many households against its own SQL in a bare Starlette route, side by side.

Either server is a process with five connections to one Postgres; the requests come from this process, by HTTP. The
rows are put in by COPY; names are really sealed, each lead has a decision in force and a folded state of a story.
Who reads whose names is written to a real broker, as the API always does.
"""

import argparse
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import msgspec
import psutil
import psycopg
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from domain.records import Decision
from infra import topics
from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.stack import infrastructure
from projections import decisions
from projections.api.routes import LEAD_READ
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from runtime import logs
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.bench.bare import Statements
from tests.bench.households import CORES, side_by_side, unindexed
from tests.bench.lists import SECRET, filled
from tests.bench.load import Ask, Load, Server
from tests.bench.pace import pace
from tests.bench.system import keep
from tests.broker import eventually
from tests.docs.story import story

AT_LEAST, P99_MS, LIST_P99_MS = 0.5, 20.0, 50.0
ROUNDS, SECONDS = 3, 10.0
LIST_RATE, LISTS_LONGER = 5.0, 4.0
"""First pages a second, and how much longer than a round they are asked for."""
_DECISIONS = """
INSERT INTO decisions (decision_id, lead_id, cause_event_id, partition, root_offset, sequence, verdict, decided_at,
                       state, action, scheduled_for, expires_at, record)
SELECT decision_id, lead_id, 'e-' || lead_id, partition, guardians_offset, sequence, 'decision', decided_at,
       state, action, scheduled_for, expires_at,
       %(record)s::jsonb || jsonb_build_object('decision_id', decision_id, 'lead_id', lead_id)
FROM leads WHERE partition %% %(of)s = %(number)s
"""


def decide(settings: ApiSettings, decision: Decision) -> None:
    """A decision for each lead, under its own ids."""
    record = Jsonb(msgspec.to_builtins(decision))
    shares = [{"record": record, "of": CORES, "number": number} for number in range(CORES)]
    with unindexed(_dsn(settings), [decisions.VIEW.table]):
        side_by_side(_dsn(settings), [(_DECISIONS, share) for share in shares])
    with psycopg.connect(_dsn(settings), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE decisions")


def statements() -> Statements:
    """What the API sends to Postgres for one lead, as the driver gets it."""
    names = ("lead", "history", "reminders", "records")
    return {name: (one.text, dict(one.constants)) for name, one in zip(names, LEAD_READ, strict=True)}


@contextmanager
def process(module: str, *words: str, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a process, once it listens."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")}
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            (sys.executable, "-m", module, *words), env=own | environment, stdout=said, stderr=said
        )
        try:
            eventually(lambda: _listens(running.pid, port), f"{module} listens")
            yield running
        finally:
            running.terminate()
            running.wait(20)


def _listens(pid: int, port: int) -> bool:
    return any(one.laddr.port == port for one in psutil.Process(pid).net_connections())


@contextmanager
def servers(settings: ApiSettings, folder: Path) -> Iterator[tuple[Server, Server]]:
    """The API and the bare route over the same rows."""
    ours, bare = free_ports(2)
    assert settings.postgres is not None
    said = {"dsn": _dsn(settings), "port": bare, "statements": statements()}
    with ExitStack() as stack:
        one = stack.enter_context(process(
            "infra.cli.app", "service", "api", port=ours, ACADEMY_PORT=str(ours),
            ACADEMY_KAFKA=settings.kafka or "", ACADEMY_READ_RATE="", ACADEMY_DATA_DIR=str(folder),
            ACADEMY_POSTGRES=settings.postgres.get_secret_value(), ACADEMY_TOPIC_PREFIX=settings.topic_prefix,
            ACADEMY_MASTER_KEY_FILE=str(settings.master_key_file), ACADEMY_TOKENS=f"bench:{SECRET}:read",
        ))  # fmt: skip
        other = stack.enter_context(process("tests.bench.bare", port=bare, BARE=json.dumps(said)))
        yield (
            Server(f"http://127.0.0.1:{ours}", SECRET, one.pid),
            Server(f"http://127.0.0.1:{bare}", SECRET, other.pid),
        )


def any_lead(leads: int) -> Ask:
    """One lead after the other in an order of chance."""
    drawn = random.Random(8)  # noqa: S311 - the same leads each time, no secret
    return lambda client: client.get(f"/api/leads/{_lead(drawn.randrange(leads))}")


def lists() -> Ask:
    """The first page, in turns as it comes and of those that are contacted."""
    paths = itertools.cycle(("/api/leads", "/api/leads?status=contacted", "/api/leads?due=now&sort=due"))
    return lambda client: client.get(next(paths))


def main() -> None:
    """Fill, measure in turns, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    asked = parser.parse_args()
    logs.configure("ERROR")
    best, told, begun = pace(), story(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        folder = Path(name)
        layout = Layout.at(folder / "data")
        with (
            infrastructure(layout, Settings()) as at,
            filled(folder, at.postgres, asked.leads, at.kafka, msgspec.to_builtins(told.lead)) as settings,
        ):
            decide(settings, told.decision)
            print(f"{asked.leads:,} leads put in within {time.monotonic() - begun:.0f} s", flush=True)
            topics.apply(settings, await_kafka(settings))
            with servers(settings, folder) as (ours, bare):
                rounds, half, pages = measured(ours, bare, asked.leads, asked.seconds)
        hold.remove_all(layout)
    _tell(asked.leads, rounds, half, pages)
    keep("reads", {
        "leads": asked.leads, "yardstick_ms": best.yardstick_s * 1000,
        "rounds": [[asdict(one), asdict(other)] for one, other in rounds],
        "half_load": asdict(half), "list_first_page": asdict(pages),
    })  # fmt: skip
    print(f"yardstick {best.yardstick_s * 1000:.1f} ms")


def measured(
    ours: Server, bare: Server, leads: int, seconds: float
) -> tuple[list[tuple[Load, Load]], Load, Load]:
    """Rounds of leads from both in turns, then from ours at half of what it could, and first pages of lists."""
    for server in (ours, bare):
        server.full(any_lead(leads), seconds / 2)
    rounds = [
        (ours.full(any_lead(leads), seconds), bare.full(any_lead(leads), seconds)) for _ in range(ROUNDS)
    ]
    half = ours.steady(any_lead(leads), statistics.median(one.rate for one, _ in rounds) / 2, seconds)
    return rounds, half, ours.steady(lists(), LIST_RATE, seconds * LISTS_LONGER)


def _tell(leads: int, rounds: list[tuple[Load, Load]], half: Load, pages: Load) -> None:
    table = Table("round", "API req/s", "bare req/s", "ratio", "API CPU ms", "bare CPU ms", "client's core")
    for number, (ours, bare) in enumerate(rounds, 1):
        table.add_row(
            str(number), f"{ours.rate:,.0f}", f"{bare.rate:,.0f}", f"{ours.rate / bare.rate:.2f}",
            f"{ours.server_cpu_ms:.2f}", f"{bare.server_cpu_ms:.2f}", f"{ours.own_share:.0%} {bare.own_share:.0%}",
        )  # fmt: skip
    Console(width=110).print(table)
    ratio = statistics.median(ours.rate / bare.rate for ours, bare in rounds)
    for name, value, limit, kept in (
        ("ratio of requests/s", ratio, AT_LEAST, ratio >= AT_LEAST),
        (f"p99 at half load ({half.rate:,.0f}/s), ms", half.p99_ms, P99_MS, half.p99_ms <= P99_MS),
        (f"p99 of a list's first page ({pages.rate:.0f}/s), ms", pages.p99_ms, LIST_P99_MS,
         pages.p99_ms <= LIST_P99_MS),
    ):  # fmt: skip
        print(f"{leads:,} leads: {name} {value:.2f}, target {limit}: {'kept' if kept else 'MISSED'}")


def _dsn(settings: ApiSettings) -> str:
    assert settings.postgres is not None
    return in_schema(settings.postgres.get_secret_value(), settings.schema_name)


def _lead(number: int) -> str:
    return f"fam-{number:07}"


if __name__ == "__main__":
    main()
