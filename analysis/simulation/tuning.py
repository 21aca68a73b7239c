"""Which constants of preset `default` do best in the worlds kept for that: one at a time, then the best together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from analysis.simulation.contenders import LEARNING, TUNED, Contender, constants
from analysis.simulation.experiment import METRICS, Result, Row
from analysis.simulation.households import START
from analysis.simulation.intervals import interval
from domain.policies import RULES

ALTERNATIVES: dict[str, tuple[float, ...]] = {
    "ucb_c": (0.0, 0.03, 0.3),
    "seed_pseudo_visits": (5, 60),
    "floor_visits": (0, 60),
    "alpha_power": (0.5, 0.9),
    "explore_rate": (0.0, 0.03, 0.2),
}
"""Instead of what the preset has; each is tried alone, the others as they are."""

GOAL = "reward"
"""The figure that decides: the configured rewards a family, which enrolments, refusals and lapses are worth."""

EVERY = "all"
"""In place of a world's name, where the figures are means over several."""


TOGETHER = "together"
"""Name of the preset with the best value of each constant."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was tried, and the constants that are suggested; empty where the preset's own did best."""

    rows: tuple[Row, ...]
    suggested: dict[str, float]

    @property
    def contender(self) -> Contender:
        """The preset with the suggested constants."""
        return Contender(TUNED, LEARNING, tuple(self.suggested.items()))


def candidates() -> tuple[Contender, ...]:
    """The preset, and one for every other value of each constant."""
    varied = (
        Contender(f"{name} {value:g}", LEARNING, ((name, value),))
        for name, values in ALTERNATIVES.items()
        for value in values
    )
    return (Contender(LEARNING, LEARNING), *varied)


def present() -> dict[str, float]:
    """The constants as the preset has them."""
    return constants(Contender(LEARNING, LEARNING).parameters(START, ""), tuple(ALTERNATIVES))


def combined(rows: Iterable[Row]) -> Contender:
    """Of each constant the best value alone, all together."""
    score = {row.policy: row.differences[GOAL].mean for row in rows}
    best = {
        name: max(values, key=lambda value: score[f"{name} {value:g}"])
        for name, values in ALTERNATIVES.items()
    }
    better = {name: value for name, value in best.items() if score[f"{name} {value:g}"] > score[LEARNING]}
    return Contender(TOGETHER, LEARNING, tuple(better.items()))


def tuning(rows: Sequence[Row], tried: Iterable[Contender]) -> Tuning:
    """The constants of whoever did best, the rules apart."""
    best = max((row for row in rows if row.policy != RULES), key=lambda row: row.differences[GOAL].mean)
    return Tuning(tuple(rows), dict(next(one.constants for one in tried if one.name == best.policy)))


def pooled(results: Iterable[Result]) -> tuple[Row, ...]:
    """Each policy over all worlds: a seed's figure is the mean over its worlds, paired with the rules' of that seed."""
    figures: dict[str, dict[int, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for one in results:
        measured = {name: of(one.outcome) for name, of in METRICS.items()}
        figures[one.task.contender.name][one.task.seed].append(measured)
    means = {
        policy: {seed: _mean(worlds) for seed, worlds in seeds.items()} for policy, seeds in figures.items()
    }
    return tuple(_row(policy, seeds, means[RULES]) for policy, seeds in means.items())


def _row(policy: str, mine: dict[int, dict[str, float]], rules: dict[int, dict[str, float]]) -> Row:
    gaps = {
        name: interval([mine[seed][name] - rules[seed][name] for seed in sorted(mine)]) for name in METRICS
    }
    return Row(EVERY, policy, _mean(list(mine.values())), gaps)


def _mean(of: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: fmean(one[name] for one in of) for name in METRICS}
