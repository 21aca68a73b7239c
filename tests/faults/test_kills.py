"""Experiment 1: a process is killed at every named point of every loop; nothing is lost, nothing is written twice."""

import signal
from pathlib import Path

import pytest

from runtime.faults import POINTS
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.pipeline import SERVICES, Load, armed, healed, running

OF_SQL = tuple(point for point in POINTS if point.startswith("sql."))
OF_KAFKA = tuple(point for point in POINTS if point not in OF_SQL)
DEATH_SECONDS = 60.0


@pytest.mark.parametrize("victim", SERVICES)
def test_1_a_process_is_killed_at_every_point(
    victim: str, system: Settings, table: Table, tmp_path: Path
) -> None:
    points = OF_SQL if victim == "projections" else OF_KAFKA
    others = [name for name in SERVICES if name != victim]
    load, fired = Load(system), 0
    with running(system, others, tmp_path), load.steady():
        for point in points:
            turn = 1 if point.startswith("restore") else 3
            with armed(system, victim, f"{point}@{turn}=kill", tmp_path) as (process, proof):
                eventually(lambda: process.poll() is not None, f"{victim} dies at {point}", DEATH_SECONDS)
            assert process.returncode == -signal.SIGKILL
            assert proof.read_text() == point
            fired += 1
    with running(system, SERVICES, tmp_path):
        healed(system, load.total)
    table.closes(f"1 kill -9 of {victim} at each of {len(points)} points", system, fired)
