"""Experiment 11: Postgres is away for minutes: reads say so, what is known goes on, and nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from infra.local.ports import free_ports
from runtime.settings import Settings
from tests.broker import eventually
from tests.database import Database, database
from tests.faults.conftest import Table
from tests.faults.pipeline import HEALING_SECONDS, kept
from tests.faults.watch import Watch
from tests.integration.runtime.loops import service

SECRET = "a-secret-of-the-experiment"
KNOWN = [f"fam-{number}" for number in range(6)]
READS = (
    "/api/leads",
    "/api/leads/fam-0",
    "/api/leads/fam-0/timeline",
    "/api/nba/fam-0/current",
    "/api/queue",
)
ROUND_SECONDS = 0.5
AWAY = "urn:academy:problem:unavailable"


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path / "postgres") as made:
        yield made


@pytest.fixture
def settings(settings: Settings, postgres: Database) -> Settings:
    """The broker of the run, and a Postgres that may go."""
    return settings.model_copy(update={"postgres": SecretStr(postgres.dsn)})


class Front:
    """Ingest and the read API, each a process of its own, and a client that talks to both."""

    def __init__(self, ingest: httpx.Client, api: httpx.Client) -> None:
        self._ingest, self._api = ingest, api
        self.told: dict[str, str] = {}
        """Of each event that was accepted, where it stands."""

    def is_ready(self) -> bool:
        """Whether both say that they serve."""
        try:
            return all(client.get("/readyz").status_code == 200 for client in (self._ingest, self._api))
        except httpx.TransportError:
            return False

    def tell(self, lead_id: str) -> httpx.Response:
        """One call of a household."""
        answer = self._ingest.post("/api/interactions", json=call(lead_id))
        if answer.status_code == 202:
            place = answer.json()
            self.told[place["event_id"]] = f"interactions/{place['partition']}/{place['offset']}"
        return answer

    def read(self, path: str, after: str | None = None) -> httpx.Response:
        return self._api.get(path, headers={"Academy-After": after} if after else {})


def call(lead_id: str) -> dict[str, Any]:
    return {
        "lead_id": lead_id,
        "channel": "voice",
        "direction": "inbound",
        "outcome": "completed",
        "occurred_at": "2026-05-04T16:30:00Z",
        "transcript": "Can we come and see a practice on Saturday morning?",
    }


@contextmanager
def front(settings: Settings, logs: Path) -> Iterator[Front]:
    """Until the context ends, which fails where one of the two has ended before."""
    ports, head = free_ports(2), {"Authorization": f"Bearer {SECRET}"}
    more = {
        "ACADEMY_TOKENS": f"experiment:{SECRET}:ingest+read",
        "ACADEMY_READ_RATE": "",
        "ACADEMY_WRITE_RATE": "",
        "ACADEMY_STRANGER_RATE": "",
    }
    here = [f"http://127.0.0.1:{port}" for port in ports]
    with (
        service("ingest", settings, logs / "ingest.log", ACADEMY_PORT=str(ports[0]), **more) as ingest,
        service("api", settings, logs / "api.log", ACADEMY_PORT=str(ports[1]), **more) as api,
        httpx.Client(base_url=here[0], headers=head, timeout=20) as writes,
        httpx.Client(base_url=here[1], headers=head, timeout=20) as reads,
    ):
        made = Front(writes, reads)
        eventually(made.is_ready, "ingest and the API are ready", HEALING_SECONDS)
        yield made
        assert (ingest.poll(), api.poll()) == (None, None), "one of the two has ended"


def refused(answer: httpx.Response) -> bool:
    """Whether it is the problem that says to come again."""
    is_problem = answer.headers["content-type"] == "application/problem+json"
    wanted = (answer.status_code, is_problem, "retry-after" in answer.headers)
    return wanted == (503, True, True) and answer.json()["type"] == AWAY


@pytest.mark.parametrize(
    ("protocol", "seconds"),
    [
        pytest.param("classic", 8, marks=pytest.mark.quick),
        ("consumer", 8),
        pytest.param("classic", 300, marks=pytest.mark.timeout(900)),  # once: the protocol has no part in it
    ],
    indirect=["protocol"],
)
def test_11_postgres_is_away_for_long(
    seconds: int, postgres: Database, system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    with kept(system, tmp_path) as services:
        with front(system, tmp_path) as web:
            for lead_id in KNOWN:
                assert web.tell(lead_id).status_code == 202
            eventually(lambda: watch.has(set(web.told)), "the first answers", HEALING_SECONDS)
            assert all(caught_up(web, place) for place in web.told.values())

            postgres.stop()
            fired = without(postgres, web, seconds)
            eventually(lambda: watch.has(set(web.told)), "answers without Postgres", HEALING_SECONDS)
            assert not postgres.answers()
            assert refused(web.read("/api/leads")), "and no view has heard of it"

            postgres.start()
            eventually(web.is_ready, "both are ready again", HEALING_SECONDS)
            assert web.tell("fam-new").status_code == 202
            assert all(caught_up(web, place) for place in web.told.values())
        eventually(lambda: watch.has(set(web.told)), "every answer", HEALING_SECONDS)
        table.closes(f"11 Postgres away for {seconds} s", system, watch, fired)
        ended = [each.name for each in services if each.endings and each.name != "projections"]
        assert ended == [], "whoever needs no Postgres goes on"


def without(postgres: Database, web: Front, seconds: int) -> int:
    """What is asked and told meanwhile, and how often Postgres was found away: at every single round."""
    until, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        assert (postgres.processes, postgres.answers()) == ([], False)
        assert [path for path in READS if not refused(web.read(path))] == []
        assert [lead_id for lead_id in KNOWN if web.tell(lead_id).status_code != 202] == []
        assert refused(web.tell(f"fam-new-{rounds}")), "nobody can make a key for it"
        rounds += 1
        time.sleep(ROUND_SECONDS)
    return rounds


def caught_up(web: Front, place: str) -> bool:
    """Whether the views show what came of an event, after a while."""
    return bool(eventually(lambda: web.read("/api/leads", place).status_code == 200, place, HEALING_SECONDS))
