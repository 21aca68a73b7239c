"""A partition's state folded anew from its source, as it stood at the committed offset (architecture 2.12).

The transform given folds what was recorded; whatever it writes besides its state is dropped.
"""

from collections.abc import Callable, Iterable, Iterator
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

    They come in the order in which they were handled, which is not that of their offsets where some were redriven.
    A wake for which the handler raises NotReady was not handled yet; it stays released, as a restart finds it.
    """
    partition: Partition[State] = Partition(transform, number, tables)
    for message in messages:
        partition.offsets[message.topic] = message.offset
        partition.take(message)
        _wake(partition)
        partition.emits.clear()
    return partition


def in_order_of(messages: Iterable[Message], offsets: Iterable[int]) -> Iterator[Message]:
    """The messages of one partition in the order of these offsets; those that none names are left out."""
    aside: dict[int, Message] = {}
    rest = iter(messages)
    for offset in offsets:
        while offset not in aside and (message := next(rest, None)) is not None:
            aside[message.offset] = message
        if offset in aside:
            yield aside.pop(offset)


def _wake(partition: Partition[State]) -> None:
    try:
        while partition.overdue:
            partition.wake(WAKES)
    except NotReady:
        return
