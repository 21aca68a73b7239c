"""Named places where a test may end, freeze or delay the process (rule 20); otherwise nothing happens there.

The environment variable names one, its turn, and what to do: `commit.before@3=kill`, `restore.before@1=sleep:30`.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

POINTS = (
    *("begin.before", "begin.after", "produce.after", "offsets.before", "commit.before", "commit.after"),
    *("fold.after", "restore.before", "restore.after", "sql.before", "sql.after"),
)
"""Around each step of a transaction, of the fold after it, of a restore, and of an SQL commit."""

VARIABLE = "ACADEMY_FAULT"
PROOF = "ACADEMY_FAULT_PROOF"
"""Names a file that is written before the fault: who armed one can tell that it fired."""

Deed = Callable[[float], object]

DEEDS: dict[str, Deed] = {
    "kill": lambda _seconds: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda _seconds: os.kill(os.getpid(), signal.SIGSTOP),
    "sleep": time.sleep,
}
"""What the thread that passes the point does there; a sleep leaves the others alone, the client's too."""


def _nothing(_point: str) -> None:
    """Production."""


class Armed:
    """One fault; raises ValueError for what names none."""

    def __init__(self, told: str, proof: Path | None, deeds: Mapping[str, Deed] = DEEDS) -> None:
        place, _, wanted = told.partition("=")
        self._point, _, times = place.partition("@")
        deed, _, seconds = wanted.partition(":")
        numbers = (times or "1") + (seconds or "0")
        if self._point not in POINTS or deed not in deeds or not numbers.isdecimal():
            raise ValueError(
                f"{VARIABLE} must be <point>@<turn>={'|'.join(deeds)}, a point of {', '.join(POINTS)}"
            )
        self._left, self._do, self._seconds = int(times or 1), deeds[deed], float(seconds or 0)
        self._proof = proof

    def __call__(self, point: str) -> None:
        """A point is passed; at the turn of the armed one its deed is done."""
        if point != self._point or self._left == 0:
            return
        self._left -= 1
        if self._left == 0:
            if self._proof is not None:
                self._proof.write_text(point)
            self._do(self._seconds)


def _armed() -> Callable[[str], None]:
    told, proof = os.environ.get(VARIABLE), os.environ.get(PROOF)
    return Armed(told, Path(proof) if proof else None) if told else _nothing


passing: Callable[[str], None] = _armed()
"""Called with the name of each point as it is passed."""
