"""The demo as a user plays it: alone and beside a running system, twice alike, and gone without a trace."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from infra.local import hold
from infra.local.layout import Layout
from tests.acceptance.conftest import ACADEMY, START_SECONDS, stop
from tests.broker import eventually

UNTIL = "2026-05-01T12:00"
DEMO = ("demo", "--until", UNTIL, "--json")
PLAY_SECONDS = 280.0
"""Sixty days in a minute and a half, on a machine that does something else, too."""

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("apart")]


@dataclass(frozen=True)
class Place:
    """A data folder of its own, and the environment that names it."""

    data: Path
    environment: dict[str, str]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            (*ACADEMY, *words),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PLAY_SECONDS,
        )

    def play(self, *more: str) -> dict[str, Any]:
        done = self.run(*DEMO, *more)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found

    def traces(self) -> list[str]:
        """Topics and schemas of the demo on the running system's servers."""
        known = self.status()
        topics = AdminClient({"bootstrap.servers": known["kafka"]}).list_topics(timeout=10).topics
        password = Layout.at(self.data).postgres_password.read_text().strip()
        with psycopg.connect(known["postgres"], password=password) as database:
            rows = database.execute("select nspname from pg_namespace where nspname = 'academy_demo'")
            return [topic for topic in topics if topic.startswith("demo-")] + [str(row[0]) for row in rows]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("demo")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")}
    environment = {
        **kept,
        "ACADEMY_DATA_DIR": str(folder / "data"),
        "ACADEMY_PARTITIONS": "2",
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
    }
    yield Place(folder / "data", environment)
    hold.remove_all(Layout.at(folder / "data"))


@pytest.fixture(scope="module")
def alone(place: Place) -> dict[str, Any]:
    """Played where nothing ran: the servers are started for the time of the demo."""
    return place.play("--keep")


@pytest.fixture(scope="module")
def checked(place: Place, alone: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """What was kept of the first run, examined before the second one replaces it."""
    return place.run("check", "--prefix", "demo-", "--json")


@pytest.fixture(scope="module")
def replayed(place: Place, alone: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    return place.run("replay", "--all", "--prefix", "demo-", "--json")


@pytest.fixture(scope="module")
def system(
    place: Place,
    checked: "subprocess.CompletedProcess[str]",
    replayed: "subprocess.CompletedProcess[str]",
) -> Iterator[Place]:
    """`academy run` on the same folder, without a demo of its own."""
    output = place.data.parent / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            (*ACADEMY, "run", "--no-demo"), env=place.environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        eventually(lambda: "everything is up" in output.read_text(), "the system is up", START_SECONDS)
        yield place
    finally:
        stop(process)


@contextmanager
def playing(place: Place) -> Iterator["subprocess.Popen[str]"]:
    """A demo that has come to its story."""
    process = subprocess.Popen(
        (*ACADEMY, *DEMO), env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("day"):
            break
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_every_family_is_where_its_story_says(alone: dict[str, Any]) -> None:
    assert len(alone["families"]) >= 25
    assert [family for family in alone["families"] if not family["as_told"]] == []
    assert {family["status"] for family in alone["families"]} >= {
        "new",
        "trial",
        "active",
        "declined",
        "inactive",
    }


def test_s5_s6_d5_d7_r3_and_every_kind_of_answer_are_seen(alone: dict[str, Any]) -> None:
    assert set(alone["rules"]) == {"S5", "S6", "D5", "D7", "R3"}
    assert min(alone["rules"].values()) >= 1
    assert set(alone["transitions"]) == {"organic", "expiry", "rejection", "late"}
    assert {"decision", "none", "applied", "superseded", "already", "duplicate"} == set(alone["answers"])
    assert set(alone["reviews"]) == {"held", "declined_by_model", "inbound_after_decline"}
    assert len(alone["learned"]) == 10
    assert alone["seconds"] < PLAY_SECONDS


def test_every_invariant_holds_over_what_was_kept(checked: "subprocess.CompletedProcess[str]") -> None:
    assert checked.returncode == 0, checked.stdout[-3000:] + checked.stderr
    facts = json.loads(checked.stdout)
    assert facts["holds"]
    assert min(each["looked"] for each in facts["invariants"]) > 300


def test_i10_every_decision_comes_out_again_byte_for_byte(
    alone: dict[str, Any], replayed: "subprocess.CompletedProcess[str]"
) -> None:
    assert replayed.returncode == 0, replayed.stdout[-3000:] + replayed.stderr
    facts = json.loads(replayed.stdout)
    assert facts["differing"] == []
    assert facts["waiting"] == 0
    assert facts["alike"]["decisions"] == sum(alone["answers"].values())


def test_beside_a_running_system_it_decides_alike_and_leaves_nothing(
    alone: dict[str, Any], system: Place
) -> None:
    own = {row["name"]: row["pid"] for row in system.status()["services"]}
    assert system.traces() != [], "the first run was kept"

    again = system.play()

    assert again["digest"] == alone["digest"]
    assert {**again, "seconds": 0} == {**alone, "seconds": 0}
    assert system.traces() == []
    assert {row["name"]: row["pid"] for row in system.status()["services"]} == own


def test_a_second_demo_at_a_time_is_refused_and_ctrl_c_leaves_nothing(system: Place) -> None:
    with playing(system) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        assert system.traces() != []

        other = system.run("demo")
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        process.communicate(timeout=60)

    assert other.returncode == 1
    assert "another demo uses the prefix demo-" in other.stderr
    assert process.returncode == 130
    assert time.monotonic() - begun < 20
    assert [child for child in children if child.is_running()] == []
    assert system.traces() == []


def test_without_a_broker_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        (*ACADEMY, "demo"),
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")},
            "ACADEMY_DATA_DIR": str(tmp_path / "data"),
            "ACADEMY_KAFKA": "127.0.0.1:9",
            "ACADEMY_POSTGRES": "postgresql://nobody@127.0.0.1:9/none",
            "ACADEMY_START_DEADLINE": "2",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert "start" in done.stderr
