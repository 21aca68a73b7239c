"""A loop in this process that ends at a named point as a kill ends it: nothing is committed from then on."""

from collections.abc import Callable

import pytest

from runtime import transaction
from runtime.transaction import Transactions


class Died(Exception):
    """What ends it."""


class Death:
    """Patches the named points of the transactions of this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def at(self, point: str, when: Callable[[], bool] = lambda: True) -> None:
        """The loop dies where it passes the point and `when` is true."""

        def passing(passed: str) -> None:
            if passed == point and when():
                self._monkeypatch.setattr(Transactions, "commit", dead)
                raise Died(point)

        self._monkeypatch.setattr(transaction, "passing", passing)


def dead(*_given: object) -> None:
    """A closing loop would still commit what it has."""
    raise Died("no commit after death")
