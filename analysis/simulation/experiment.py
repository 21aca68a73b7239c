"""Runs of every world, policy and seed on all processors, and each policy against the rules, seed by seed."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from analysis.simulation.contenders import BASELINE, Contender
from analysis.simulation.households import Outcome
from analysis.simulation.intervals import Interval, interval
from analysis.simulation.loading import loaded
from analysis.simulation.run import play


@dataclass(frozen=True, slots=True)
class Task:
    """One run."""

    world: str
    contender: Contender
    seed: int
    families: int


@dataclass(frozen=True, slots=True)
class Result:
    """One run and what came of it."""

    task: Task
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """A policy in one world, or over several: the mean of each figure, and its paired difference to the rules."""

    world: str
    policy: str
    means: dict[str, float]
    differences: dict[str, Interval]


METRICS: dict[str, Callable[[Outcome], float]] = {
    "enrolled": lambda of: 100 * of.enrolled / of.families,
    "declined": lambda of: 100 * of.declined / of.families,
    "contacts": lambda of: of.contacts / of.families,
    "reward": lambda of: of.reward / of.families,
    "reward_per_decision": lambda of: of.reward / of.decisions,
    "active": lambda of: 100 * of.active / of.families,
    "enrolled_later": lambda of: 100 * of.enrolled_later / (of.families - of.families // 2),
}
"""By name; `enrolled`, `declined` (opt-outs too), `active` in percent of the families, the rest a family."""


def tasks(
    worlds: Iterable[str], contenders: Iterable[Contender], seeds: int, families: int
) -> tuple[Task, ...]:
    """Every world with every policy and seed."""
    return tuple(
        Task(world, contender, seed, families)
        for world, contender, seed in product(worlds, contenders, range(seeds))
    )


def run(wanted: Sequence[Task], processes: int) -> Iterator[Result]:
    """Results in the order of their tasks; in this process if one is enough. Raises BadWorld."""
    if processes == 1:
        yield from map(done, wanted)
        return
    fresh = multiprocessing.get_context("spawn")  # a fork would copy the locks of whoever runs threads here
    with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
        yield from pool.map(done, wanted)


def done(task: Task) -> Result:
    """One run; raises BadWorld."""
    return Result(task, play(loaded(task.world), task.contender, task.seed, task.families))


def compared(results: Iterable[Result]) -> tuple[Row, ...]:
    """Each policy in each world, in the order of their first tasks, against the rules with the same seeds."""
    found = {(one.task.world, one.task.contender.name, one.task.seed): one.outcome for one in results}
    worlds = dict.fromkeys(world for world, _, _ in found)
    policies = dict.fromkeys(policy for _, policy, _ in found)
    seeds = dict.fromkeys(seed for _, _, seed in found)
    return tuple(
        row_of(world, policy, [(found[world, policy, n], found[world, BASELINE.name, n]) for n in seeds])
        for world, policy in product(worlds, policies)
    )


def row_of(world: str, policy: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Row:
    """Of pairs of a policy's outcome and that of the rules."""
    means = {name: fmean(of(mine) for mine, _ in pairs) for name, of in METRICS.items()}
    gaps = {name: interval([of(mine) - of(rules) for mine, rules in pairs]) for name, of in METRICS.items()}
    return Row(world, policy, means, gaps)
