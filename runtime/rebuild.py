"""A partition's state folded anew from its source, as it stood at the committed offset (architecture 2.12).

The transform given folds what was recorded; whatever it writes besides its state is dropped.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from runtime.errors import NotReady
from runtime.state import Partition
from runtime.transform import Message, Transform

State = TypeVar("State")

WAKES = 100
"""Wakes handled between two looks; any number will do."""


def refolded(
    transform: Transform[State],
    number: int,
    messages: Iterable[Message],
    tables: Callable[[], dict[str, int]] = dict,
) -> Partition[State]:
    """The partition after these messages, nothing of it committed: its `changes` are its whole state.

    A wake for which the handler raises NotReady was not handled yet; it stays released, as a restart finds it.
    """
    partition: Partition[State] = Partition(transform, number, tables)
    for message in messages:
        partition.take(message)
        _wake(partition)
        partition.emits.clear()
    return partition


def _wake(partition: Partition[State]) -> None:
    try:
        while partition.overdue:
            partition.wake(WAKES)
    except NotReady:
        return
