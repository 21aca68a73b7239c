"""`academy run`, `status` and `stop` as a person meets them, with small programs as services."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from infra.cli.run import Plan, run, stop
from infra.cli.status import show
from infra.local import status
from infra.local.layout import Layout
from infra.local.settings import LocalSettings

from .conftest import CHECKOUT, eventually
from .programs import BROKEN, SERVICE, command

PROGRAM = """
import sys
from infra.cli.run import Hook, Plan, run
from infra.local.services import ServiceSpec
from infra.local.settings import LocalSettings
from tests.integration.infra.programs import command
web, decider = sys.argv[1:]
specs = (
    ServiceSpec("web", ("ingest", "api"), public=True, command=command(web)),
    ServiceSpec("decider", ("decider",), command=command(decider)),
)
plan = Plan(services=lambda layout, addresses: specs, before=[Hook("topics", lambda addresses: None)])
sys.exit(run(LocalSettings(kafka=None, postgres=None), plan))
"""


def settings_of(layout: Layout, **more: int) -> LocalSettings:
    return LocalSettings.model_validate({"data_dir": layout.data_dir} | more)


def launch(layout: Layout, decider: str = SERVICE) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")}
    secrets = {"OPENAI_API_KEY": "k", "SOMEONES_SECRET": "s", "ACADEMY_DATA_DIR": str(layout.data_dir)}
    return subprocess.Popen(
        (sys.executable, "-c", PROGRAM, SERVICE, decider),
        cwd=CHECKOUT,
        env=environment | secrets,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def started(layout: Layout) -> Iterator["subprocess.Popen[str]"]:
    with launch(layout) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Ctrl-C"):
                    break
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def report(layout: Layout, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert show(settings_of(layout), as_json=True) == 0
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    return facts


def children(layout: Layout) -> list[psutil.Process]:
    pids = {row.pid for row in status.read(layout).services}
    return [psutil.Process(pid) for pid in pids if pid is not None]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_the_status_names_every_service(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    with started(layout):
        facts = report(layout, capsys)
        rows = {row["name"]: row for row in facts["services"]}
        assert list(rows) == ["kafka", "postgres", "ingest", "api", "decider"]
        assert {row["state"] for row in rows.values()} == {"ready"}
        assert rows["ingest"]["pid"] == rows["api"]["pid"]
        assert facts["api"] == facts["ingest"] == f"http://127.0.0.1:{rows['api']['port']}"
        assert (rows["kafka"]["lag"], rows["decider"]["lag"]) == (None, 7)
        assert facts["token_file"] == str(layout.token)
        assert layout.token.stat().st_mode & 0o777 == 0o600
        assert show(settings_of(layout), as_json=False) == 0
        assert "decider" in capsys.readouterr().out
    seen = (layout.logs / "decider.log").read_text()
    assert "ACADEMY_KAFKA" in seen
    assert "ACADEMY_POSTGRES" in seen
    assert "OPENAI_API_KEY" not in seen
    assert "SOMEONES_SECRET" not in seen


def test_a_second_run_is_refused_and_a_stop_ends_the_first(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    with started(layout) as process:
        with launch(layout) as second:
            said, _ = second.communicate(timeout=30)
        assert second.returncode == 1
        assert f"is in use by process {process.pid}; end it with `academy stop`" in said
        running = children(layout)
        assert stop(settings_of(layout)) == 0
        assert alive(running) == []
        assert process.wait(5) == 0
    assert show(settings_of(layout), as_json=False) == 1
    assert "Nothing runs on" in capsys.readouterr().err
    assert stop(settings_of(layout)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_within_ten_seconds(layout: Layout, number: signal.Signals) -> None:
    with started(layout) as process:
        running = children(layout)
        assert len(running) == 4
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 10
        assert alive(running) == []


@pytest.fixture
def hung_up() -> Iterator[None]:
    """A run under nohup has SIGHUP ignored, which its children would inherit and rightly heed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_window_that_is_closed_does_not_hinder_the_way_down(layout: Layout, hung_up: None) -> None:
    with started(layout) as process:
        running = children(layout)
        assert process.stdout is not None
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        assert process.wait(10) == 0
        assert alive(running) == []
    assert "database system is shut down" in (layout.logs / "postgres.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_everything_dies_with_a_killed_run_and_starts_again(layout: Layout) -> None:
    with started(layout) as process:
        running = children(layout)
        process.kill()
        eventually(lambda: not alive(running), 10.0)
    assert status.recorded_pid(layout) is None
    with started(layout):
        assert len(children(layout)) == 4


def test_a_service_that_cannot_start_ends_the_run_with_its_reason(layout: Layout) -> None:
    with launch(layout, BROKEN) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "decider was started 5 times and never got ready (ended with exit code 1)" in said
    assert "the table is missing" in said
    assert command(BROKEN)[-1] not in said
    assert status.recorded_pid(layout) is None


def test_a_busy_port_that_was_asked_for_is_refused(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.local.ports.is_free", lambda port: False)
    assert run(settings_of(layout, port=8001), Plan(services=lambda layout, addresses: ())) == 1
    assert "Port 8001 of ACADEMY_PORT is in use" in capsys.readouterr().err
