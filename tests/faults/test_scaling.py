"""Experiment 4: every service is restarted in turn, and grows to three copies and shrinks again, under load."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from runtime.settings import Settings
from tests.faults.conftest import Table
from tests.faults.copies import Copy, joined
from tests.faults.pipeline import SERVICES, Load, answered, begun
from tests.faults.watch import Watch


@pytest.fixture
def partitions() -> int:
    """So many that three copies have some each."""
    return 6


class Fleet:
    """The copies of all services; each join and each leave is a rebalance for every copy of that service."""

    def __init__(self, settings: Settings, logs: Path, stack: ExitStack) -> None:
        self._settings, self._logs, self._stack = settings, logs, stack
        self._copies: dict[tuple[str, int], Copy] = {}
        self._past: list[Copy] = []
        self.rebalances = 0

    def join(self, name: str, slot: int) -> None:
        """One copy more; returns once it serves."""
        output = self._logs / f"{name}-{slot}-{self.rebalances}.log"
        self._copies[name, slot] = self._stack.enter_context(joined(self._settings, name, slot, output))
        self._count(name)

    def leave(self, name: str, slot: int) -> None:
        """One copy less, which has ended well."""
        self._count(name)
        copy = self._copies.pop((name, slot))
        copy.leave()
        self._past.append(copy)

    def all(self) -> list[Copy]:
        """Everyone that there was, with the aborts of each."""
        for copy in self._copies.values():
            copy.count()
        return [*self._past, *self._copies.values()]

    def _count(self, name: str) -> None:
        self.rebalances += 1
        for (of, _slot), copy in self._copies.items():
            copy.rebalances += of == name


@contextmanager
def fleet(settings: Settings, logs: Path) -> Iterator[Fleet]:
    with ExitStack() as stack:
        made = Fleet(settings, logs, stack)
        for name in SERVICES:
            made.join(name, 0)
        yield made


def test_4_copies_are_restarted_and_come_and_go_under_load(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    with fleet(system, tmp_path) as copies:
        with load.steady():
            begun(watch)
            for name in SERVICES:
                copies.leave(name, 0)
                copies.join(name, 0)
            for name in SERVICES:
                copies.join(name, 1)
                copies.join(name, 2)
                copies.leave(name, 2)
                copies.leave(name, 1)
            begun(watch, watch.answered + 60)
        answered(watch, load)
        table.closes("4 restart in turn, 1 to 3 to 1 copies", system, watch, copies.rebalances)
        stormy = [copy for copy in copies.all() if copy.aborts >= copy.rebalances]
        assert [(copy.name, copy.slot, copy.aborts, copy.rebalances) for copy in stormy] == []
