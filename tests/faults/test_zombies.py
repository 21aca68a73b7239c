"""Experiments 2 and 3: a copy freezes inside a transaction, another takes its slot, and the first comes back."""

import signal
from pathlib import Path

import pytest

from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.pipeline import SERVICES, Load, answered, armed, healed, running

POINTS = ("produce.after", "commit.before", "commit.after")
CASES = [
    pytest.param(victim, point, marks=pytest.mark.quick if (victim, point) == ("decider", POINTS[1]) else ())
    for victim in ("extractor", "decider")
    for point in POINTS
]


@pytest.mark.parametrize(("victim", "point"), CASES)
def test_2_3_a_frozen_copy_of_a_slot_comes_back_and_gives_way(
    victim: str, point: str, system: Settings, table: Table, tmp_path: Path
) -> None:
    others = [name for name in SERVICES if name != victim]
    load = Load(system)
    with (
        running(system, others, tmp_path),
        load.steady(),
        armed(system, victim, f"{point}@3=stop", tmp_path) as (frozen, proof),
    ):
        eventually(proof.exists, f"{victim} freezes at {point}", 60)
        with running(system, [victim], tmp_path):
            answered(system, load.total)
            frozen.send_signal(signal.SIGCONT)
            eventually(lambda: frozen.poll() is not None, "the zombie gives way", 60)
            assert frozen.returncode == 1
    with running(system, SERVICES, tmp_path):
        healed(system, load.total)
    table.closes(f"2, 3 {victim} frozen at {point}, its slot taken", system, 1)
