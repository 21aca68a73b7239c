"""Experiments 2 and 3: copies freeze inside a transaction, others take their slots, and the first come back."""

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.pipeline import FIRING_SECONDS, Load, answered, armed, kept, running
from tests.faults.watch import Watch

VICTIMS = ("extractor", "decider", "learner")
GIVING_WAY_SECONDS = 60.0


@pytest.mark.parametrize(
    "point",
    ["produce.after", pytest.param("commit.before", marks=pytest.mark.gate("classic")), "commit.after"],
)
def test_2_3_frozen_copies_of_a_slot_come_back_and_give_way(
    point: str, system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    with load.steady(), running(system, ["projections"], tmp_path), ExitStack() as stack:
        zombies = {
            name: stack.enter_context(armed(system, name, f"{point}@3=stop", tmp_path)) for name in VICTIMS
        }
        # Each is fed by the one before it, which is replaced by then.
        for name, (_frozen, proof) in zombies.items():
            eventually(proof.exists, f"{name} freezes at {point}", FIRING_SECONDS)
            stack.enter_context(running(system, [name], tmp_path))
        answered(watch, load)
        for frozen, _proof in zombies.values():
            frozen.send_signal(signal.SIGCONT)
            assert frozen.wait(GIVING_WAY_SECONDS) == 1, "the zombie gives way"
    with kept(system, tmp_path):
        answered(watch, load)
        table.closes(f"2, 3 each service frozen at {point}, its slot taken", system, watch, len(zombies))
