"""How many long answers are under way, of each token and of all, so that nobody takes what others need."""

from collections import Counter
from collections.abc import Callable
from threading import Lock

from runtime.problems import Problem

AGAIN = {"Retry-After": "10"}


class Seats:
    """Seats for answers of one kind, which `what` names in the singular; `count` is told how many there are.

    Safe to share between threads.
    """

    def __init__(
        self, what: str, of_a_token: int, of_all: int, count: Callable[[str, int], None] = lambda *_: None
    ) -> None:
        self._what, self._of_a_token, self._of_all, self._count = what, of_a_token, of_all, count
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, name: str) -> None:
        """One more for this token; raises the 429 problem where it has enough, 503 where all are taken."""
        with self._lock:
            if self._taken[name] >= self._of_a_token:
                detail = f"This token has {self._of_a_token} {self._what}s open, which is all it may; end one first."
                raise Problem(429, f"too-many-{self._what}s", detail, AGAIN)
            if self._taken.total() >= self._of_all:
                detail = f"All {self._of_all} {self._what}s of this process are taken; come again, or ask another copy."
                raise Problem(503, f"no-{self._what}-free", detail, AGAIN)
            self._taken[name] += 1
            self._count(self._what, self._taken.total())

    def leave(self, name: str) -> None:
        """One less."""
        with self._lock:
            self._taken[name] -= 1
            self._count(self._what, self._taken.total())
