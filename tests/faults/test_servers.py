"""Experiments 5, 6 and 11: the broker is killed or frozen under load, and Postgres is killed; both come back."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.checks import await_kafka, await_postgres
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.pipeline import Load, answered, begun, kept
from tests.faults.watch import Watch

FROZEN_SECONDS = 16.0
"""Longer than a transactional call may take, so that its outcome is in doubt."""

pytestmark = pytest.mark.skipif(
    any(name in os.environ for name in ("ACADEMY_KAFKA", "ACADEMY_POSTGRES")),
    reason="servers that the environment names are not ours to kill",
)


def child(program: bytes) -> int:
    """The process of this run that was started with such a command; its supervisor starts it again when it ends."""
    own = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = {pid for file in own for pid in file.read_text().split()}
    found = [pid for pid in children if program in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(found) == 1, f"{len(found)} children run {program!r}"
    return int(found[0])


@contextmanager
def healing(system: Settings, watch: Watch, logs: Path, harm: Callable[[], None]) -> Iterator[None]:
    """Harm under load; the services that end by it are started again, and answer everything."""
    load = Load(system)
    with kept(system, logs):
        with load.steady():
            begun(watch)
            harm()
            begun(watch, watch.answered + 60)
        answered(watch, load)
        yield


def test_5_the_broker_is_killed_and_started_again(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    before = child(b"kafka.Kafka")

    def kill() -> None:
        os.kill(before, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{before}").exists(), "the broker ends")
        await_kafka(system)

    with healing(system, watch, tmp_path, kill):
        assert child(b"kafka.Kafka") != before
        table.closes("5 broker kill -9 and restart", system, watch, 1)


def test_6_the_broker_is_frozen_with_transactions_in_flight(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    broker = child(b"kafka.Kafka")

    def freeze() -> None:
        os.kill(broker, signal.SIGSTOP)
        try:
            time.sleep(FROZEN_SECONDS)
        finally:
            os.kill(broker, signal.SIGCONT)
        await_kafka(system)

    with healing(system, watch, tmp_path, freeze):
        assert child(b"kafka.Kafka") == broker
        table.closes("6 broker frozen for longer than a call", system, watch, 1)


def test_11_postgres_is_killed_and_started_again(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    before = child(b"postgres\x00-D")

    def kill() -> None:
        os.kill(before, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{before}").exists(), "Postgres ends")
        await_postgres(system)

    with healing(system, watch, tmp_path, kill):
        assert child(b"postgres\x00-D") != before
        table.closes("11 Postgres kill -9 and restart", system, watch, 1)
