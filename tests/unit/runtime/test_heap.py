"""What is loaded at the start is out of the collector's way; what comes later is looked at in larger batches."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from runtime import heap


class Node:
    """May point at itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.next = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_there_is_not_gone_through_again() -> None:
    known = [Node() for _ in range(3)]

    heap.settled()

    assert gc.get_freeze_count() > len(known)
    assert not any(one is known[0] for one in gc.get_objects())


def test_circles_of_before_are_ended_first() -> None:
    seen = weakref.ref(Node())

    heap.settled()

    assert seen() is None


def test_young_objects_are_looked_at_less_often() -> None:
    heap.settled()

    assert gc.isenabled()
    assert gc.get_threshold() == (heap.YOUNG, heap.OLDER, heap.OLDEST)
