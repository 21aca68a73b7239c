"""How often somebody may ask: counted per token, and per address for those without one, in this process."""

import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from runtime.errors import Misconfigured
from runtime.problems import Problem

READS, WRITES, STRANGERS = "30000/minute", "60000/minute", "600/minute"
"""Of one token, and of one address: several times what a call centre of a hundred desks asks for."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UNNAMED = "here"
"""A socket without an address is local."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests in a while, as `limits` writes it ("600/minute"); empty: as many as there are."""

    reads: str = READS
    writes: str = WRITES
    strangers: str = STRANGERS


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rate under the name that a client sees."""

    name: str
    item: RateLimitItem | None


class Limiter:
    """Counts in fixed windows: two look-ups a request; each copy of a service counts for itself."""

    def __init__(self, rates: Rates) -> None:
        self._reads = _rule("read", "ACADEMY_READ_RATE", rates.reads)
        self._writes = _rule("write", "ACADEMY_WRITE_RATE", rates.writes)
        self._strangers = _rule("stranger", "ACADEMY_STRANGER_RATE", rates.strangers)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def called(self, name: str, method: str) -> dict[str, str]:
        """Count a caller's request; gives the headers that tell what is left. Raises the problem 429."""
        return self._count(self._reads if method in _READING else self._writes, name)

    def came(self, client: tuple[str, int] | None) -> dict[str, str]:
        """The same for a request that nobody known makes, by its address."""
        return self._count(self._strangers, client[0] if client else _UNNAMED)

    def _count(self, rule: _Rule, who: str) -> dict[str, str]:
        if rule.item is None:
            return {}
        passes = self._windows.hit(rule.item, rule.name, who)
        window = self._windows.get_window_stats(rule.item, rule.name, who)
        seconds = max(1, round(window.reset_time - time.time()))
        told = {
            "RateLimit-Policy": f'"{rule.name}";q={rule.item.amount};w={rule.item.get_expiry()}',
            "RateLimit": f'"{rule.name}";r={window.remaining};t={seconds}',
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
