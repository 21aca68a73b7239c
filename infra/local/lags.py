"""Waits until services have nothing left to do."""

import time
from collections.abc import Callable, Sequence

SECONDS = 60.0
EVERY = 0.25
QUIET_SECONDS = 2.5
"""Each service reports once a second: no lag for so long spans a report of each."""


def settle(lags: Callable[[], Sequence[object]], seconds: float = SECONDS) -> bool:
    """Return once no service has been behind for a while; False where that did not come about in time."""
    deadline = time.monotonic() + seconds
    quiet_since: float | None = None
    while (now := time.monotonic()) < deadline:
        if any(lag != 0 for lag in lags()):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > QUIET_SECONDS:
            return True
        time.sleep(EVERY)
    return False
