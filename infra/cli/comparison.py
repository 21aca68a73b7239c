"""Simulated runs as a person or a program asks for them: told while they go on, printed as tables or JSON."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.table import Table

from analysis.simulation.built_in import BUILT_IN
from analysis.simulation.contenders import BASELINE, CONTENDERS, Contender
from analysis.simulation.experiment import Result, Row, compared, run, tasks
from analysis.simulation.loading import loaded
from analysis.simulation.page import SHOWN, BadPage, difference, parts, write
from analysis.simulation.tuning import Tuning, candidates, combined, pooled, tuning
from analysis.simulation.worlds import BadWorld
from domain.decisions import LOGIC_VERSION
from domain.policies import RULES
from infra.cli.demo import INTERRUPTED
from infra.cli.run import signals_interrupt
from infra.cli.screen import print_data, screen
from infra.local.teller import Screen, Terminal

TUNING_SEEDS = 4
"""Most for each choice of constants, in each tuning world: fourteen choices are tried."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run, and how much of it at a time."""

    seeds: int
    families: int
    processes: int

    @property
    def tuning_seeds(self) -> int:
        """Of each choice of constants."""
        return min(self.seeds, TUNING_SEEDS)


def compare(worlds: Sequence[str] | None, size: Size, *, as_json: bool) -> None:
    """Print each policy against the rules; raises typer.BadParameter."""
    with _refused():
        rows = compared(_run("comparison", worlds or list(BUILT_IN), CONTENDERS, size))
    if as_json:
        print_data({"rows": [asdict(row) for row in rows]})
    else:
        screen().print(_table(rows, "Each policy against the rules, with 95 % intervals over paired seeds"))


def tune_constants(worlds: Sequence[str] | None, size: Size, *, as_json: bool) -> None:
    """Print what other constants of preset `default` do, and those that are suggested; raises typer.BadParameter."""
    with _refused():
        tuned = _tuned(worlds or _names(tuning=True), size)
    if as_json:
        print_data({"rows": [asdict(row) for row in tuned.rows], "suggested": tuned.suggested})
        return
    screen().print(_table(tuned.rows, "Other constants of preset default, over all tuning worlds"))
    said = ", ".join(f"{name} = {value:g}" for name, value in tuned.suggested.items())
    screen().print(f"suggested: {said or 'the constants as they are'}", highlight=False)


def write_page(page: Path, size: Size) -> None:
    """Tune, report on the other worlds, and write the figures; raises typer.BadParameter."""
    with _refused():
        tuned = _tuned(_names(tuning=True), size)
        contenders = (*CONTENDERS, tuned.contender) if tuned.suggested else CONTENDERS
        rows = compared(_run("comparison", _names(tuning=False), contenders, size))
        said = (
            f"{size.seeds} paired seeds of {size.families} families for each policy and world;"
            f" {size.tuning_seeds} seeds for each choice of constants; decision logic {LOGIC_VERSION}.\n"
        )
        write(page, parts(rows, tuned, said))


def _tuned(worlds: Sequence[str], size: Size) -> Tuning:
    tried = candidates()
    fewer = Size(size.tuning_seeds, size.families, size.processes)
    alone = _run("constants one at a time", worlds, (BASELINE, *tried), fewer)
    together = combined(pooled(alone))
    if not together.constants:
        return tuning(pooled(alone), tried)
    both = [*alone, *_run("the best together", worlds, (together,), fewer)]
    return tuning(pooled(both), (*tried, together))


def _run(step: str, worlds: Sequence[str], contenders: Sequence[Contender], size: Size) -> list[Result]:
    """All of them, told on stderr; a world that cannot be used is refused before anything runs."""
    for world in worlds:
        loaded(world)
    wanted, found = tasks(worlds, contenders, size.seeds, size.families), list[Result]()
    terminal = Terminal(Screen(stderr=True))
    with terminal.step(f"{step}, {len(wanted)} runs"):
        for one in run(wanted, min(size.processes, len(wanted))):
            found.append(one)
            terminal.say(f"{step}: {len(found)} of {len(wanted)} runs")
    return found


def _names(*, tuning: bool) -> list[str]:
    return [name for name, world in BUILT_IN.items() if world.tuning is tuning]


def _table(rows: Sequence[Row], title: str) -> Table:
    table = Table("world", "policy", title=title)
    for name in SHOWN.values():
        table.add_column(name, justify="right")
        table.add_column("against rules", justify="right")
    for row in rows:
        cells = (
            (f"{row.means[name]:.2f}", "" if row.policy == RULES else difference(row.differences[name]))
            for name in SHOWN
        )
        table.add_row(row.world, row.policy, *(cell.strip("*") for pair in cells for cell in pair))
    return table


@contextmanager
def _refused() -> Iterator[None]:
    """A signal ends the other processes, too; what cannot be used is told in a sentence."""
    try:
        with signals_interrupt():
            yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BadWorld as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--world") from None
    except BadPage as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--page") from None
