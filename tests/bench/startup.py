"""How long each step of `academy run` takes: on an empty folder, and on the one that it left."""

import re

from rich.console import Console
from rich.table import Table

from tests.bench.system import folder, keep, running

STEP = re.compile(r"^(?P<name>\S.*?)\s{2,}(?P<seconds>\d+\.\d) s$", re.MULTILINE)
WHOLE = re.compile(r"everything is up after (?P<seconds>\d+\.\d) s")


def steps(printed: str) -> dict[str, float]:
    """Seconds by step, as the start printed them, and of the whole."""
    found = {match["name"]: float(match["seconds"]) for match in STEP.finditer(printed)}
    whole = WHOLE.search(printed)
    if whole is None or not found:
        raise RuntimeError("the start printed no steps")
    return {**found, "everything": float(whole["seconds"])}


def main() -> None:
    """Start twice, tell both."""
    with folder() as place:
        starts = []
        for _ in ("first", "again"):
            with running(place) as system:
                starts.append(steps(system.printed))
    first, again = starts
    table = Table("step", "first start, s", "again, s")
    for name, seconds in first.items():
        table.add_row(name, f"{seconds:.1f}", f"{again[name]:.1f}" if name in again else "-")
    Console().print(table)
    keep("startup", {"first_s": first, "again_s": again, "ratio": again["everything"] / first["everything"]})


if __name__ == "__main__":
    main()
