"""The status file and what is made of it."""

import os
from dataclasses import replace

import pytest

from infra.local import status
from infra.local.errors import NotRunningError
from infra.local.layout import Layout
from infra.local.status import Row

ROWS = (
    Row("kafka", 11, "ready", 29092),
    Row("ingest", 12, "ready", 8001, has_health=True),
    Row("api", 12, "ready", 8001, has_health=True),
    Row("decider", 13, "ready", 8101, has_health=True),
    Row("learner", None, "restarting", 8102, has_health=True),
)
ANSWERS = {8001: {"ready": True, "lag": 0}, 8101: {"ready": False, "lag": 42, "detail": "restoring"}}


def test_what_is_written_is_read(layout: Layout) -> None:
    written = replace(status.fresh(layout), kafka="127.0.0.1:1", services=ROWS)
    status.write(layout, written)
    assert status.read(layout) == written


def test_without_a_file_nothing_runs(layout: Layout) -> None:
    with pytest.raises(NotRunningError, match="start the local system with `make run`"):
        status.read(layout)


def test_a_file_of_a_process_that_is_gone_counts_for_nothing(layout: Layout) -> None:
    gone = replace(status.fresh(layout), pid=2**22 + 1)
    status.write(layout, gone)
    assert status.recorded_pid(layout) is None


def test_a_pid_that_now_belongs_to_another_program_counts_for_nothing(layout: Layout) -> None:
    reused = replace(status.fresh(layout), born=status.fresh(layout).born - 3600)
    status.write(layout, reused)
    assert reused.pid == os.getpid()
    assert status.recorded_pid(layout) is None


def test_the_report_asks_each_service_now(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "health", ANSWERS.get)
    report = status.report(replace(status.fresh(layout), services=ROWS))
    assert report["token_file"] == str(layout.token)
    assert report["services"] == [
        {"name": "kafka", "pid": 11, "state": "ready", "lag": None, "port": 29092},
        {"name": "ingest", "pid": 12, "state": "ready", "lag": 0, "port": 8001},
        {"name": "api", "pid": 12, "state": "ready", "lag": 0, "port": 8001},
        {"name": "decider", "pid": 13, "state": "unready", "lag": 42, "port": 8101},
        {"name": "learner", "pid": None, "state": "restarting", "lag": None, "port": 8102},
    ]
