"""Experiment 10: rebalances during a restore, an orphan's open transaction and aborted tails on the changelog."""

import signal
from contextlib import ExitStack
from pathlib import Path

from infra.invariants.stable import hanging
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.copies import joined
from tests.faults.pipeline import (
    FIRING_SECONDS,
    SERVICES,
    Load,
    answered,
    armed,
    begun,
    kept,
    running,
    through,
)
from tests.faults.watch import Watch

RESTORE_SECONDS = 45
ASLEEP_SECONDS = 20
STATEFUL = ("extractor", "decider", "learner")
OTHERS = [name for name in SERVICES if name != "decider"]


def test_10_copies_come_and_go_while_one_restores(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load, rebalances = Load(system), 0
    with running(system, OTHERS, tmp_path), load.steady(), ExitStack() as stack:
        with running(system, ["decider"], tmp_path):
            begun(watch)
        slow = f"restore.before@1=sleep:{RESTORE_SECONDS}"
        _process, proof = stack.enter_context(armed(system, "decider", slow, tmp_path))
        eventually(proof.exists, "the restore begins", FIRING_SECONDS)
        for slot in (1, 2, 1):
            with joined(system, "decider", slot, tmp_path / f"{slot}.log") as copy:
                rebalances += 1
                copy.leave()
        begun(watch, watch.answered + 60)
    with kept(system, tmp_path):
        answered(watch, load)
        table.closes("10 copies come and go while one restores", system, watch, rebalances)


def test_10_an_orphan_leaves_its_transaction_open_on_the_changelog(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    second = system.model_copy(update={"slot": 1})
    with running(system, SERVICES, tmp_path), load.steady():
        begun(watch)
        with armed(second, "decider", f"commit.before@3=sleep:{ASLEEP_SECONDS}", tmp_path) as (orphan, proof):
            eventually(proof.exists, "a transaction is open", FIRING_SECONDS)
            eventually(lambda: "leads" in _left_open(system), "the broker has its records", ASLEEP_SECONDS)
            orphan.kill()
            assert orphan.wait(FIRING_SECONDS) == -signal.SIGKILL
        left = _left_open(system)
        answered(watch, load)
        begun(watch, watch.answered + 60)
    with kept(system, tmp_path):
        answered(watch, load)
        table.closes("10 an orphan's transaction open on the changelog", system, watch, 1)
        assert "leads" in left


def _left_open(system: Settings) -> set[str]:
    """Topics with a transaction that is open for longer than any service needs."""
    return {each.topic for each in hanging(system, seconds=1.0)}


def test_10_the_changelog_ends_with_what_was_never_committed(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    faults = {name: ["commit.after@3=kill", *["produce.after@1=kill"] * 3] for name in STATEFUL}
    with kept(system, tmp_path, faults) as services:
        with load.steady():
            fired = through(services, 3 * FIRING_SECONDS)
        answered(watch, load)
        table.closes("10 three aborted transactions at the changelog's end", system, watch, fired)
        assert [each.unasked() for each in services if each.unasked()] == []
