"""How many rejected records a service accepts: of our own topics few, of one that others write any, but slowly."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtime.errors import DeadLetterLimit
from runtime.transform import Transform


class Bound(Protocol):
    """What the loop asks of either."""

    def count(self, *, rejected: bool) -> None:
        """One record more."""

    def pause(self) -> float:
        """Seconds to wait before the next records are read."""

    @property
    def note(self) -> str:
        """What health says of it, nothing where all is well."""


def bound(transform: Transform[Any]) -> Bound:
    """The one for a transform's source."""
    return Throttle() if transform.outside else Limit()


@dataclass(slots=True)
class Limit:
    """By consecutive count, and by share of the last window of records: a topic is not drained (rule 16)."""

    consecutive: int = 100
    window: int = 1000
    share: float = 0.2
    note: str = field(default="", init=False)
    _row: int = 0
    _seen: int = 0
    _bad: int = 0

    def count(self, *, rejected: bool) -> None:
        """One record; raises DeadLetterLimit where a bad release is likelier than bad records."""
        self._seen, self._bad = self._seen + 1, self._bad + rejected
        self._row = self._row + 1 if rejected else 0
        if self._row >= self.consecutive:
            raise DeadLetterLimit(
                f"{self._row} records in a row were rejected; see the dead-letter topic's headers"
            )
        if self._seen >= self.window:
            if self._bad > self.share * self._seen:
                raise DeadLetterLimit(f"{self._bad} of {self._seen} records were rejected")
            self._seen = self._bad = 0

    def pause(self) -> float:
        """It stops or goes on, and never slows."""
        return 0.0


@dataclass(slots=True)
class Throttle:
    """A token bucket: `burst` rejected records are free, then so many a second; good ones cost nothing.

    A flood so costs those who stand behind it 5 ms for each bad record, and the dead letters stay readable.
    """

    burst: int = 100
    per_second: float = 200.0
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(default=0.0, init=False)
    _at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = float(self.burst), self.clock()

    def count(self, *, rejected: bool) -> None:
        """One record; nothing is raised, whatever comes."""
        if rejected:
            self._refill()
            self._tokens -= 1

    def pause(self) -> float:
        """As long as the bucket needs to be empty again instead of overdrawn."""
        self._refill()
        return max(0.0, -self._tokens / self.per_second)

    @property
    def note(self) -> str:
        """Says so while it slows."""
        if self._tokens > -1:
            return ""
        return "; reading slowly: many records are rejected, see the headers of the dead letters"

    def _refill(self) -> None:
        now = self.clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
