"""Experiment 8: a transaction is held open for longer than its time-out, so that the broker ends it."""

from pathlib import Path

import pytest

from infra.invariants.stable import SCAN_SECONDS
from runtime.clients import TRANSACTION_MS
from runtime.settings import Settings
from tests.faults.conftest import Table
from tests.faults.pipeline import Load, answered, begun, kept, through
from tests.faults.watch import Watch

SLEEP_SECONDS = int(TRANSACTION_MS / 1000 + SCAN_SECONDS + 3)
"""By then the broker has looked for transactions that are too old, whenever it last did."""

TURNS = {"extractor": 12, "decider": 6, "learner": 2}
"""At about the same time, though each is fed by the one before it."""


@pytest.mark.parametrize("point", ["produce.after", "commit.before"])
def test_8_a_transaction_is_older_than_its_time_out(
    point: str, system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    faults = {name: [f"{point}@{turn}=sleep:{SLEEP_SECONDS}"] for name, turn in TURNS.items()}
    with kept(system, tmp_path, faults) as services:
        with load.steady():
            fired = through(services)
            begun(watch, watch.answered + 60)
        answered(watch, load)
        table.closes(f"8 each service asleep at {point}, its transaction too old", system, watch, fired)
        for name in faults:
            said = "".join(path.read_text() for path in tmp_path.rglob(f"{name}-*.log"))
            assert "producer_retired" in said or "stopped" in said, f"{name} never heard of it"
