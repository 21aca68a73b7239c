"""The projections' service, which stops itself once, with a batch in its hand, before the SQL transaction of it begins.

`python -m tests.mutations.frozen <file> [<mutation>]`: the file proves that it stopped; a mutation breaks a rule.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from projections.service import main
from runtime.projector import Projector
from tests.mutations.breaks import BREAKS

BATCHES = 2
"""The second one: it owns its positions, and much waits behind them."""


def freezing(proof: Path) -> None:
    """Patch the projector."""
    kept, left = Projector._apply, iter(range(1, BATCHES + 1))

    def apply(self: Projector, batch: list[Any]) -> None:
        if batch and next(left, 0) == BATCHES:
            proof.write_text(str(len(batch)))
            os.kill(os.getpid(), signal.SIGSTOP)
        kept(self, batch)

    Projector._apply = apply  # type: ignore[method-assign] # what this program is for


if __name__ == "__main__":
    proof, *mutations = sys.argv[1:]
    freezing(Path(proof))
    for name in mutations:
        BREAKS[name](setattr)
    main()
