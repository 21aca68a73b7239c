"""The extractor without reading: ids and what waits follow from inputs and time, and need no key and no model."""

from domain.events import Tick
from domain.threads import Thread, woken
from extractor.service import met, wired
from runtime.transform import Output, Record, Transform, Wake


def refolding() -> Transform[Thread]:
    """The extractor's transform, without what it writes besides its state."""
    return wired(fold)


def fold(state: Thread | None, record: Record | Wake) -> tuple[Thread | None, tuple[Output, ...]]:
    """The thread after one input or wake."""
    if isinstance(record, Wake):
        return woken(state or Thread(), record.now)[0], ()
    return (None if isinstance(record.value, Tick) else met(state, record)[0]), ()
