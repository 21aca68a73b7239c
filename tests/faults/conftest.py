"""The system that faults are tried on, under each group protocol, and the table of what held."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.invariants.catalogue import Result, check
from infra.invariants.history import History
from infra.invariants.reading import read
from projections.migrate import upgrade
from runtime.settings import Settings
from tests.faults.pipeline import HEALING_SECONDS
from tests.faults.report import Row, lines, write
from tests.faults.watch import Watch

ROWS = pytest.StashKey[list[Row]]()
COUNTED = ("interactions", "enriched", "decisions", "transitions")


class Table:
    """What the experiments of a run found."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def closes(self, experiment: str, settings: Settings, watch: Watch, fired: int) -> History:
        """The experiment is over: the system heals, and the log is checked by the code of `academy check`."""
        history, results = healed(settings)
        found = {result.invariant.name: len(result.violations) for result in results if not result.unknown}
        self._rows.append(
            Row(
                settings.group_protocol,
                experiment,
                fired,
                sum(len(history.of(topic)) for topic in COUNTED),
                found,
                watch.seen,
                len(watch.wrong),
            )
        )
        assert [violation for result in results for violation in result.violations] == []
        assert [result.unknown for result in results if result.unknown] == []
        assert watch.wrong == []
        assert fired > 0
        return history


def healed(settings: Settings) -> tuple[History, list[Result]]:
    """The log once nothing waits, and what every invariant says of it; after a while it is taken as it is."""
    deadline = time.monotonic() + HEALING_SECONDS
    while True:
        history = read(settings)
        results = check(history)
        if time.monotonic() > deadline or not any(result.unknown for result in results):
            return history, results
        time.sleep(1.0)


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    return Table(request.config.stash.setdefault(ROWS, []))


@pytest.fixture(params=["classic", "consumer"])
def protocol(request: pytest.FixtureRequest) -> str:
    """How the copies of a service share its partitions."""
    return str(request.param)


@pytest.fixture
def system(configured: Settings, protocol: str) -> Settings:
    """Topics, parameters and views."""
    return prepared(configured, protocol)


def prepared(configured: Settings, protocol: str) -> Settings:
    """The views of a configured prefix, and its services' group protocol."""
    assert configured.postgres is not None
    upgrade(configured.postgres.get_secret_value(), configured.schema_name)
    return configured.model_copy(update={"group_protocol": protocol})


@pytest.fixture
def watch(system: Settings) -> Iterator[Watch]:
    """A reader beside the experiment, from its beginning to its end."""
    with Watch(system).watching() as watching:
        yield watching


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-report", metavar="FOLDER", help="write the table of faults there, too")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that names a protocol for the gate is a quick one under that protocol."""
    for item in items:
        gate, call = item.get_closest_marker("gate"), getattr(item, "callspec", None)
        if gate is not None and call is not None and call.params.get("protocol") in gate.args:
            item.add_marker("quick")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("faults")
    for line in lines(rows):
        terminalreporter.write_line(line)
    folder = config.getoption("--faults-report")
    if folder:
        write(rows, Path(folder))
