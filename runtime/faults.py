"""Named places where a test may end or freeze the process (rule 20); otherwise nothing happens there.

The environment variable names one, how often it is passed before, and what to do: `commit.before@3=kill`.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

POINTS = (
    *("begin.before", "begin.after", "produce.after", "offsets.before", "commit.before", "commit.after"),
    *("fold.after", "restore.before", "restore.after", "sql.before", "sql.after"),
)
"""Around each step of a transaction, of the fold after it, of a restore, and of an SQL commit."""

VARIABLE = "ACADEMY_FAULT"
PROOF = "ACADEMY_FAULT_PROOF"
"""Names a file that is written before the fault: who armed one can tell that it fired."""

DEEDS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def _nothing(_point: str) -> None:
    """Production."""


class Armed:
    """One fault; raises ValueError for what names none."""

    def __init__(self, told: str, proof: Path | None, do: Callable[[int, int], None] = os.kill) -> None:
        place, _, deed = told.partition("=")
        self._point, _, times = place.partition("@")
        if self._point not in POINTS or deed not in DEEDS or not (times or "1").isdecimal():
            raise ValueError(
                f"{VARIABLE} must be <point>@<times>={'|'.join(DEEDS)}, a point of {', '.join(POINTS)}"
            )
        self._left, self._signal = int(times or 1), DEEDS[deed]
        self._proof, self._do = proof, do

    def __call__(self, point: str) -> None:
        """A point is passed; the armed one at its turn is where it ends."""
        if point != self._point or self._left == 0:
            return
        self._left -= 1
        if self._left == 0:
            if self._proof is not None:
                self._proof.write_text(point)
            self._do(os.getpid(), self._signal)


def _armed() -> Callable[[str], None]:
    told, proof = os.environ.get(VARIABLE), os.environ.get(PROOF)
    return Armed(told, Path(proof) if proof else None) if told else _nothing


passing: Callable[[str], None] = _armed()
"""Called with the name of each point as it is passed."""
