"""The figures as Markdown tables, written into a page between the marks that name them."""

import re
from collections.abc import Sequence
from pathlib import Path

from analysis.simulation.built_in import ABOUT, BUILT_IN
from analysis.simulation.experiment import Row
from analysis.simulation.intervals import Interval
from analysis.simulation.tuning import Tuning, present
from domain.policies import RULES

SHOWN = {"enrolled": "enrolled, %", "declined": "declined, %", "contacts": "contacts", "reward": "reward"}
"""The figures of a page, each with its difference to the rules."""

_PART = re.compile(
    r"(<!-- made by `academy simulate --page`: (?P<name>[\w-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL
)


class BadPage(ValueError):
    """A page has no place for the figures; says which."""


def write(page: Path, parts: dict[str, str]) -> None:
    """Replace every part of the page; raises BadPage where it is not there or lacks one."""
    text = page.read_text("utf-8") if page.is_file() else ""
    places = {found["name"] for found in _PART.finditer(text)}
    if places != parts.keys():
        raise BadPage(
            f"{page} must have a place for each of {', '.join(sorted(parts))}: a line"
            " `<!-- made by `academy simulate --page`: NAME -->` and a line `<!-- end -->`"
        )
    page.write_text(_PART.sub(lambda found: f"{found[1]}\n{parts[found['name']]}\n{found[3]}", text), "utf-8")


def parts(rows: Sequence[Row], tuned: Tuning, size: str) -> dict[str, str]:
    """Everything on the page that is not prose, by name."""
    return {
        "worlds": worlds(),
        "size": size,
        "summary": summary(rows),
        "figures": figures(rows),
        "tuning": figures(tuned.rows, with_world=False),
        "suggested": suggested(tuned),
    }


def worlds() -> str:
    """The built-in worlds and what each is about."""
    lines = (
        f"| `{name}` | {'tuning' if world.tuning else 'reporting'} | {ABOUT[name]} |\n"
        for name, world in BUILT_IN.items()
    )
    return "| world | for | families and desk |\n|---|---|---|\n" + "".join(lines)


def figures(rows: Sequence[Row], *, with_world: bool = True) -> str:
    """A line a policy: each figure, and its difference to the rules with the interval."""
    names = ["world", "policy"] if with_world else ["policy"]
    head = [*names, *(column for title in SHOWN.values() for column in (title, "against rules"))]
    lines = [head, ["---"] * len(head), *(_cells(row, with_world=with_world) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def summary(rows: Sequence[Row]) -> str:
    """For each policy, in how many worlds a figure is shown to differ from the rules'."""
    policies = dict.fromkeys(row.policy for row in rows if row.policy != RULES)
    lines = (_line(policy, [row for row in rows if row.policy == policy]) for policy in policies)
    return f"| policy | {' | '.join(SHOWN)} |\n|{'---|' * (len(SHOWN) + 1)}\n" + "".join(lines)


def _line(policy: str, rows: Sequence[Row]) -> str:
    return f"| `{policy}` | {' | '.join(_tally(rows, name) for name in SHOWN)} |\n"


def _tally(rows: Sequence[Row], name: str) -> str:
    shown = [row.differences[name].mean for row in rows if row.differences[name].excludes_zero]
    more = sum(mean > 0 for mean in shown)
    return f"more in {more}, less in {len(shown) - more} of {len(rows)}"


def suggested(tuned: Tuning) -> str:
    """What the tuning worlds say of preset `default`, constant by constant."""
    now = present()
    lines = "".join(
        f"| `{name}` | {value:g} | {tuned.suggested.get(name, value):g} |\n" for name, value in now.items()
    )
    return f"| constant | `default` | suggested |\n|---|---|---|\n{lines}"


def difference(of: Interval) -> str:
    """A mean with its interval; bold where the interval leaves zero out."""
    mean = f"{round(of.mean, 2) + 0.0:+.2f}"  # without the sign of a zero
    said = mean if of.half is None else f"{mean} ± {of.half:.2f}"
    return f"**{said}**" if of.excludes_zero else said


def _cells(row: Row, *, with_world: bool) -> list[str]:
    cells = [f"`{row.world}`", f"`{row.policy}`"] if with_world else [f"`{row.policy}`"]
    for name in SHOWN:
        against = "" if row.policy == RULES else difference(row.differences[name])
        cells += [f"{row.means[name]:.2f}", against]
    return cells
