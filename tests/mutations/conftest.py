"""Each experiment runs twice, on the runtime as it is and on one with a rule broken; a table says what turned red."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from runtime.errors import RuntimeFault
from tests.mutations.breaks import BREAKS, Patch

ROWS = pytest.StashKey[list["Row"]]()
RED = (AssertionError, RuntimeFault)
"""How an experiment fails: what it asserts, or a loop that stops with a sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one experiment."""

    rule: str
    mutation: str
    experiment: str
    outcome: str
    seconds: float


class Trial:
    """One run of an experiment; `broken` says whether its rule is."""

    def __init__(self, rows: list[Row], patch: Patch, *, broken: bool) -> None:
        self._rows, self._patch, self.broken = rows, patch, broken

    @contextmanager
    def of(self, rule: str, mutation: str, experiment: str, red: str) -> Iterator[None]:
        """Whole, the experiment is green; with the rule broken it fails, and says what the pattern `red` says."""
        if self.broken:
            BREAKS[mutation](self._patch)
        began, outcome = time.monotonic(), "did not end"
        try:
            yield
            outcome = "green"
        except RED as failure:
            outcome = f"red: {' '.join(str(failure).split())}"
            if not self.broken or not re.search(red, outcome):
                raise
        finally:
            self._rows.append(Row(rule, mutation, experiment, outcome, time.monotonic() - began))
        assert self.broken == (outcome != "green"), (
            f"{mutation}: nothing turned red, a hole in the experiment"
        )


@pytest.fixture(params=[False, True], ids=["whole", "broken"])
def trial(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Trial:
    rows = request.config.stash.setdefault(ROWS, [])
    patch: Callable[[object, str, object], object] = monkeypatch.setattr
    return Trial(rows, patch, broken=bool(request.param))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("mutations")
    for mutation in dict.fromkeys(row.mutation for row in rows):
        runs = [row for row in rows if row.mutation == mutation]
        words = mutation.replace("_", " ")
        terminalreporter.write_line(f"rule {runs[0].rule}, {words} -> {runs[0].experiment}")
        for row, how in zip(runs, ("as it is", "broken"), strict=False):
            terminalreporter.write_line(f"    {how:<9}{row.seconds:>6.0f} s  {row.outcome[:300]}")
