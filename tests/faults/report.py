"""What the experiments of a run found, as lines for a terminal, as Markdown for the documentation, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.invariants.catalogue import INVARIANTS

NAMES = tuple(invariant.name for invariant in INVARIANTS)


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment under one group protocol.

    `fired` faults over so many `records` on the log; `violations` by invariant that was checked, and those that the
    reader beside it saw.
    """

    protocol: str
    experiment: str
    fired: int
    records: int
    violations: dict[str, int]
    seen_live: int
    wrong_live: int

    @property
    def broken(self) -> int:
        """Every violation."""
        return sum(self.violations.values()) + self.wrong_live


def lines(rows: Sequence[Row]) -> list[str]:
    """A table of a line an experiment."""
    head = f"{'protocol':<10}{'experiment':<62}{'fired':>7}{'records':>9}{'violations':>12}"
    found = [
        f"{row.protocol:<10}{row.experiment:<62}{row.fired:>7}{row.records:>9}{row.broken:>12}"
        for row in rows
    ]
    fired = {name: sum(row.fired for row in rows if row.protocol == name) for name in protocols(rows)}
    return [head, *found, *(f"{name}: {count} faults fired" for name, count in fired.items())]


def markdown(rows: Sequence[Row]) -> str:
    """Experiments by invariants: the count of violations of each, `-` where one could not be checked."""
    cells = [["protocol", "experiment", "fired", "records", "live", *NAMES]]
    cells.append([*("---",) * 2, *("--:",) * (len(NAMES) + 3)])
    for row in rows:
        counts = [str(row.violations.get(name, "-")) for name in NAMES]
        cells.append(
            [row.protocol, row.experiment, str(row.fired), str(row.records), str(row.wrong_live), *counts]
        )
    return "".join("| " + " | ".join(line) + " |\n" for line in cells)


def protocols(rows: Sequence[Row]) -> list[str]:
    """In the order of the rows."""
    return list(dict.fromkeys(row.protocol for row in rows))


def write(rows: Sequence[Row], folder: Path) -> None:
    """`faults.md` and `faults.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("faults.md").write_text(markdown(rows))
    folder.joinpath("faults.json").write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
