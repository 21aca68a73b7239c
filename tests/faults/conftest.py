"""The faults of this run, as one table at its end: which fired where, over how many records, with what violations."""

from dataclasses import dataclass

import pytest

from infra.invariants.catalogue import check
from infra.invariants.reading import read
from projections.migrate import upgrade
from runtime.settings import Settings

ROWS = pytest.StashKey[list["Row"]]()


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment: how many faults fired, how many records the log held, and what did not hold over them."""

    experiment: str
    fired: int
    records: int
    violations: int


class Table:
    """What the experiments of a run found."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def closes(self, experiment: str, settings: Settings, fired: int) -> None:
        """The experiment is over and healed: the log is checked by the code of `academy check`."""
        history = read(settings)
        broken = [violation for result in check(history) for violation in result.violations]
        records = sum(
            len(history.of(topic)) for topic in ("interactions", "enriched", "decisions", "transitions")
        )
        self._rows.append(Row(experiment, fired, records, len(broken)))
        assert broken == []
        assert history.waiting == 0
        assert fired > 0


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    return Table(request.config.stash.setdefault(ROWS, []))


@pytest.fixture
def system(configured: Settings) -> Settings:
    """Topics, parameters and views."""
    assert configured.postgres is not None
    upgrade(configured.postgres.get_secret_value(), configured.schema_name)
    return configured


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(f"{'experiment':<52}{'fired':>7}{'records':>9}{'violations':>12}")
    for row in rows:
        terminalreporter.write_line(f"{row.experiment:<52}{row.fired:>7}{row.records:>9}{row.violations:>12}")
