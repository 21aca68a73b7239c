"""The supervisor over small real processes: order, restarts, giving up, and the ways down."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from infra.local import child as local_child
from infra.local.child import Child
from infra.local.environment import scrubbed
from infra.local.errors import KeepsFailingError, StoppedEarlyError
from infra.local.pace import Pace
from infra.local.slot import Sight
from infra.local.supervisor import MAKE_ROOM, Supervisor

from .conftest import CHECKOUT, eventually
from .programs import BROKEN, PATIENT, STUBBORN, command

QUICK = Pace(first_pause=0.01, probe=0.02, idle=0.1)


class Told(list[str]):
    """Collects what the supervisor echoes."""

    def echo(self, name: str, line: str) -> None:
        self.append(f"{name}: {line}")


def child(name: str, program: str, log: Path, *, foundation: bool = False) -> Child:
    """A child that is ready once its program has said so in its log."""

    def probe() -> str | None:
        return None if log.exists() and "up" in log.read_text() else "it has not said so"

    return Child(name, command(program), scrubbed(os.environ), probe, foundation=foundation)


def pid_of(supervisor: Supervisor, name: str) -> int | None:
    return next(sight.pid for sight in supervisor.sights() if sight.name == name)


def test_children_stop_in_reverse_order_with_the_foundation_last(tmp_path: Path) -> None:
    told = Told()
    with Supervisor(tmp_path, told.echo, pace=QUICK) as supervisor:
        supervisor.start([child("broker", PATIENT, tmp_path / "broker.log", foundation=True)])
        supervisor.start([child("web", PATIENT, tmp_path / "web.log")])
    assert told == ["broker: up", "web: up", "web: ended by SIGTERM", "broker: ended by SIGTERM"]
    assert (tmp_path / "web.log").read_text() == "up\nended by SIGTERM\n"
    assert [sight.state for sight in supervisor.sights()] == ["stopped", "stopped"]


def test_a_child_that_will_not_end_is_killed_at_the_end_of_the_budget(tmp_path: Path) -> None:
    pace = Pace(probe=0.02, stop=1.0, stop_foundation=0.5)
    with Supervisor(tmp_path, pace=pace) as supervisor:
        supervisor.start([child("web", STUBBORN, tmp_path / "web.log")])
        pid = pid_of(supervisor, "web")
        assert pid is not None
        begun = time.monotonic()
        supervisor.stop()
        assert 0.4 < time.monotonic() - begun < 5.0
    assert not psutil.pid_exists(pid)


def test_a_killed_child_is_named_with_its_last_words_and_started_again(tmp_path: Path) -> None:
    told = Told()
    with Supervisor(tmp_path, told.echo, pace=QUICK) as supervisor:
        supervisor.start([child("web", PATIENT, tmp_path / "web.log")])
        first = pid_of(supervisor, "web")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        eventually(lambda: pid_of(supervisor, "web") not in {first, None})
    assert "supervisor: web was ended by SIGKILL; it starts again in 0.01 s. Its log ends:" in told
    assert "supervisor:     up" in told


def test_five_starts_that_fail_bring_the_rest_down(tmp_path: Path) -> None:
    told = Told()
    sentence = r"web was started 5 times .*ended with exit code 1.*ends:\nthe table is missing\ncannot go on"
    with Supervisor(tmp_path, told.echo, pace=QUICK) as supervisor:
        supervisor.start([child("broker", PATIENT, tmp_path / "broker.log", foundation=True)])
        with pytest.raises(KeepsFailingError, match=sentence):
            supervisor.start([child("web", BROKEN, tmp_path / "web.log")])
        with pytest.raises(KeepsFailingError):
            supervisor.wait()
        assert told[-1] == "broker: ended by SIGTERM"
    assert told.count("web: the table is missing") == 5


def test_a_start_that_takes_too_long_counts_as_failed(tmp_path: Path) -> None:
    silent = child("web", PATIENT, tmp_path / "elsewhere.log")
    sentence = r"started 5 times and never got ready \(was not ready in time: it has not said so\)"
    with (
        Supervisor(tmp_path, pace=QUICK) as supervisor,
        pytest.raises(KeepsFailingError, match=sentence),
    ):
        supervisor.start([replace(silent, deadline=0.05)])


def test_it_says_what_it_waits_for(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(tmp_path, pace=QUICK) as supervisor:
        threading.Timer(0.3, (tmp_path / "elsewhere.log").write_text, ("up",)).start()
        supervisor.start([child("web", PATIENT, tmp_path / "elsewhere.log")], said.append)
    assert "waiting for web (it has not said so)" in said


def test_children_of_one_layer_are_asked_to_stop_in_reverse_order(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def changed(sights: Sequence[Sight]) -> None:
        seen.append([sight.name for sight in sights if sight.state == "stopping"])

    with Supervisor(tmp_path, changed=changed, pace=QUICK) as supervisor:
        supervisor.start([child(name, PATIENT, tmp_path / f"{name}.log") for name in ("first", "second")])
    assert seen.index(["second"]) < seen.index(["first", "second"])


def test_a_fault_of_the_supervisor_itself_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    faulty = Child("web", command(PATIENT), scrubbed(os.environ), probe=lambda: str(1 // 0))
    with Supervisor(tmp_path, pace=QUICK) as supervisor:
        with pytest.raises(StoppedEarlyError):
            supervisor.start([faulty])
        with pytest.raises(StoppedEarlyError):
            supervisor.wait()
        assert [sight.state for sight in supervisor.sights()] == ["stopped"]


def test_children_have_a_session_of_their_own(tmp_path: Path) -> None:
    with Supervisor(tmp_path, pace=QUICK) as supervisor:
        supervisor.start([child("web", PATIENT, tmp_path / "web.log")])
        pid = pid_of(supervisor, "web")
        assert pid is not None
        assert os.getsid(pid) == pid != os.getsid(0)


ORPHANING = """
import os, sys
from pathlib import Path
from tests.integration.infra.programs import STUBBORN
from tests.integration.infra.test_supervisor import child
from infra.local.slot import Sight
from infra.local.supervisor import MAKE_ROOM, Supervisor
with Supervisor(Path(sys.argv[1])) as supervisor:
    supervisor.start([child("web", STUBBORN, Path(sys.argv[1]) / "web.log")])
    print(supervisor.sights()[0].pid, flush=True)
    supervisor.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    launch = (sys.executable, "-c", ORPHANING, str(tmp_path))
    with subprocess.Popen(launch, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as supervisor:
        assert supervisor.stdout is not None
        orphan = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    eventually(lambda: not orphan.is_running(), 10.0)


def test_a_full_disk_ends_nobody_and_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, full = Told(), threading.Event()
    seen: list[Sequence[Sight]] = []

    def changed(sights: Sequence[Sight]) -> None:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        seen.append(sights)

    def append(log: Path, texts: list[str]) -> None:
        if full.is_set() and texts:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(log, texts)

    real = local_child._append
    monkeypatch.setattr(local_child, "_append", append)
    with Supervisor(tmp_path, told.echo, changed, QUICK) as supervisor:
        supervisor.start([child("web", PATIENT, tmp_path / "web.log")])
        full.set()
        for _ in range(2):
            pid = pid_of(supervisor, "web")
            assert pid is not None
            os.kill(pid, signal.SIGTERM)
            eventually(partial(started_again, supervisor, pid))
        full.clear()
        eventually(lambda: state_of(supervisor, "web") == "ready")
        os.kill(pid_of(supervisor, "web") or 0, signal.SIGTERM)
        eventually(lambda: "supervisor: the log of web is written again" in told)
        assert state_of(supervisor, "web") != "stopped"

    for what in ("the log of web", "the status"):
        assert told.count(f"supervisor: {what} cannot be written (No space left on device): {MAKE_ROOM}") == 1
        assert told.count(f"supervisor: {what} is written again") == 1
    assert [sight.state for sight in seen[-1]] == ["stopped"]


def started_again(supervisor: Supervisor, before: int) -> bool:
    return pid_of(supervisor, "web") not in {before, None}


def state_of(supervisor: Supervisor, name: str) -> str:
    return next(sight.state for sight in supervisor.sights() if sight.name == name)
