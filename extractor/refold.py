"""The extractor without reading: which ids were seen follows from the inputs, and needs no key and no model."""

from domain.events import Tick
from domain.threads import Thread
from extractor.service import met, wired
from runtime.transform import Output, Record, Transform, Wake


def refolding() -> Transform[Thread]:
    """The extractor's transform, without what it writes besides its state."""
    return wired(fold)


def fold(state: Thread | None, record: Record | Wake) -> tuple[Thread | None, tuple[Output, ...]]:
    """The ids after one input; time has none."""
    assert isinstance(record, Record)  # noqa: S101 - a thread names no due moment yet
    return (None if isinstance(record.value, Tick) else met(state, record.value)[0]), ()
