"""A mean over paired runs with its interval: Student's t, exactly, from the standard library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

LEVEL = 0.95
"""Of every interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and how far it may be off on either side; `half` is None where one run says nothing of it."""

    mean: float
    half: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side."""
        return self.half is not None and abs(self.mean) > self.half


def interval(values: Sequence[float]) -> Interval:
    """Of independent values, such as the differences of paired runs (Student, The Probable Error of a Mean, 1908)."""
    if len(values) < 2:
        return Interval(fmean(values), None)
    return Interval(fmean(values), t_quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values)))


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The t that `level` of the distribution lies within on both sides, for whole degrees of freedom.

    By bisection of the finite series in theta = atan(t / sqrt(freedom)) of Abramowitz and Stegun, Handbook of
    Mathematical Functions (1964), 26.7.3 and 26.7.4.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _within(theta: float, freedom: int) -> float:
    """The probability of lying between minus and plus sqrt(freedom) tan(theta)."""
    if freedom == 1:
        return 2 * theta / math.pi
    odd = freedom % 2
    term = math.cos(theta) if odd else 1.0
    total = term
    for k in range(2 + odd, freedom - 1, 2):
        term *= math.cos(theta) ** 2 * (k - 1) / k
        total += term
    total *= math.sin(theta)
    return 2 * (theta + total) / math.pi if odd else total
