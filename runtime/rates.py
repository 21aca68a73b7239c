"""How often somebody may ask: counted per token, and per address for those without one, in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from runtime.errors import Misconfigured
from runtime.problems import Problem

READS, WRITES, STRANGERS = "30000/minute", "60000/minute", "600/minute"
"""Of one token, and of one address: several times what a call centre of a hundred desks asks for."""
SWEEP_S = 60.0
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UNNAMED = "here"
"""A socket without an address is local."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests in a while, as `limits` writes it ("600/minute"); empty: as many as there are."""

    reads: str = READS
    writes: str = WRITES
    strangers: str = STRANGERS


@dataclass(slots=True)
class Window:
    """A while that ends at a moment of the clock, and what came in it so far."""

    ends: float
    count: int = 0


class Windows(Storage):
    """Counts in this process, by key.

    The library's own storage forgets in threads; on an event loop, starting one every few milliseconds costs more
    than the request that is counted.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock, self._open, self._swept = clock, dict[str, Window](), 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Nothing can fail here."""
        return ()

    def window(self, key: str, expiry: int) -> Window:
        """The one that is open, or a new one."""
        now = self._clock()
        found = self._open.get(key)
        if found is None or found.ends <= now:
            self._sweep(now)
            found = self._open[key] = Window(now + expiry)
        return found

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count so many more; gives how many there are."""
        window = self.window(key, expiry)
        window.count += amount
        return window.count

    def get(self, key: str) -> int:
        """How many there are."""
        return self.window(key, 0).count

    def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self.window(key, 0).ends

    def check(self) -> bool:
        """It works as long as the process does."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        forgotten = len(self._open)
        self._open.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one."""
        self._open.pop(key, None)

    def _sweep(self, now: float) -> None:
        """Once in a while, so that addresses that came once do not stay."""
        if now - self._swept > SWEEP_S:
            self._swept = now
            self._open = {key: window for key, window in self._open.items() if window.ends > now}


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rate under the name that a client sees."""

    name: str
    item: RateLimitItem | None


class Limiter:
    """Counts in fixed windows; each copy of a service counts for itself."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.time) -> None:
        self._reads = _rule("read", "ACADEMY_READ_RATE", rates.reads)
        self._writes = _rule("write", "ACADEMY_WRITE_RATE", rates.writes)
        self._strangers = _rule("stranger", "ACADEMY_STRANGER_RATE", rates.strangers)
        self._clock, self._windows = clock, Windows(clock)
        self._strategy = FixedWindowRateLimiter(self._windows)

    def called(self, name: str, method: str) -> dict[str, str]:
        """Count a caller's request; gives the headers that tell what is left. Raises the problem 429."""
        return self._count(self._reads if method in _READING else self._writes, name)

    def came(self, client: tuple[str, int] | None) -> dict[str, str]:
        """The same for a request that nobody known makes, by its address."""
        return self._count(self._strangers, client[0] if client else _UNNAMED)

    def _count(self, rule: _Rule, who: str) -> dict[str, str]:
        if rule.item is None:
            return {}
        passes = self._strategy.hit(rule.item, rule.name, who)
        window = self._windows.window(rule.item.key_for(rule.name, who), rule.item.get_expiry())
        seconds = max(1, round(window.ends - self._clock()))
        left = max(0, rule.item.amount - window.count)
        told = {
            "RateLimit-Policy": f'"{rule.name}";q={rule.item.amount};w={rule.item.get_expiry()}',
            "RateLimit": f'"{rule.name}";r={left};t={seconds}',
        }
        if not passes:
            detail = f"These are more requests than {rule.item}; wait as Retry-After says."
            raise Problem(429, "too-many-requests", detail, {**told, "Retry-After": str(seconds)})
        return told


def _rule(name: str, setting: str, rate: str) -> _Rule:
    if not rate:
        return _Rule(name, None)
    try:
        return _Rule(name, parse(rate))
    except ValueError:
        raise Misconfigured(
            f"{setting} must be a number of requests and a while, such as 600/minute"
        ) from None
