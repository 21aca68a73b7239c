"""CPU at one pace: a machine that others use too is twice as slow from one moment to the next."""

import time
from collections.abc import Callable
from dataclasses import dataclass

TRIES = 50


@dataclass(frozen=True, slots=True)
class Pace:
    """The machine at its best: what the yardstick took then."""

    yardstick_s: float

    def cpu_s(self, run: Callable[[], object]) -> float:
        """CPU of a run, as if the yardsticks before and after it had taken their best."""
        before = yardstick_s()
        begun = time.process_time()
        run()
        spent = time.process_time() - begun
        return spent * self.yardstick_s * 2 / (before + yardstick_s())


def pace() -> Pace:
    """The best of many yardsticks."""
    return Pace(min(yardstick_s() for _ in range(TRIES)))


def yardstick_s() -> float:
    """CPU of some work of the kind that services do: small objects, strings, bytes, dicts."""
    begun = time.process_time()
    for number in range(7_000):
        made = {"number": number, str(number): (number, number + 1)}
        [str(number).encode(), made.get("number"), sorted(made)]
    return time.process_time() - begun
