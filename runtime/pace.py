"""When a loop commits again: soon after a quiet time, less often under strain."""

SHARE = 3
"""After a commit at least so many times its duration pass: what takes long is done seldom, and more at once."""

LONGEST = 3.0
"""Seconds that pass at the most: a process or broker that stood still for long says nothing of the next commit."""


class Pace:
    """The moment of the next commit, in seconds of a monotonic clock; `seconds` is the least interval."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def committed(self, began: float, ended: float) -> None:
        """A commit took from `began` to `ended`."""
        self._next = ended + max(self._seconds, min(SHARE * (ended - began), LONGEST))

    def wait(self, now: float) -> float:
        """Seconds until the next one is due, 0 if it is."""
        return max(0.0, self._next - now)
