"""Experiment 1: every service is killed at every named point of its loop, side by side; nothing is lost or doubled."""

from pathlib import Path

import pytest

from runtime.faults import POINTS
from runtime.settings import Settings
from tests.faults.conftest import Table
from tests.faults.pipeline import Load, answered, kept, through
from tests.faults.watch import Watch

OF_SQL = [point for point in POINTS if point.startswith("sql.")]
OF_RESTORE = [point for point in POINTS if point.startswith("restore.")]
OF_COMMIT = [point for point in POINTS if point not in (*OF_SQL, *OF_RESTORE)]
TURNS = (1, 2, 5)
"""The first commit after a restore, the next, and one in the middle of the work."""
DEATHS_SECONDS = 240.0


def deaths(points: list[str], turn: int) -> list[str]:
    """A fault at each point; a copy restores no more than its two partitions."""
    return [f"{point}@{min(turn, 2) if point in OF_RESTORE else turn}=kill" for point in points]


@pytest.mark.parametrize("turn", [pytest.param(TURNS[0], marks=pytest.mark.gate("consumer")), *TURNS[1:]])
def test_1_every_process_is_killed_at_every_point(
    turn: int, system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    loops = {name: deaths(OF_COMMIT + OF_RESTORE, turn) for name in ("extractor", "decider", "learner")}
    views = {"projections": deaths(OF_SQL * 4, turn)}
    load = Load(system)
    with kept(system, tmp_path, loops | views) as services:
        with load.steady():
            fired = through(services, DEATHS_SECONDS)
        answered(watch, load)
        table.closes(f"1 kill -9 of each service at commit {turn}, at every point", system, watch, fired)
        assert [each.unasked() for each in services if each.unasked()] == []
