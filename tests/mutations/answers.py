"""What became of the inputs of an extractor: none without its answer, none answered twice, each in its place."""

from collections import Counter

from domain.events import Repeated
from runtime.settings import Settings
from schemas.codec import decode
from tests.broker import eventually, read
from tests.integration.runtime.answers import asked

STILL_SECONDS = 8.0
"""What has brought no answer for so long is lost: a commit comes every tenth of a second."""

Places = dict[int, list[int]]
"""By partition, offsets of inputs in the order of the log."""


def roots(settings: Settings) -> Places:
    """The inputs that the answers name."""
    found: Places = {0: [], 1: []}
    for message in read(settings, "enriched"):
        value = decode("enriched", message.value or b"")
        assert not isinstance(value, Repeated), "I2: an input was taken twice, and known as a repeat"
        found[message.partition].append(value.root_offset)
    return found


def each_is_answered_once(settings: Settings, seconds: float = STILL_SECONDS) -> None:
    """Waits for the last answer; fails with the invariant that is broken, and how often."""
    wanted = {number: [offset for offset, *_ in found] for number, found in asked(settings).items()}
    assert any(wanted.values())
    try:
        eventually(lambda: _has(roots(settings), wanted), "the last answer", seconds)
    except AssertionError as late:
        raise AssertionError(_said(roots(settings), wanted) or str(late)) from late
    assert not (said := _said(roots(settings), wanted)), said


def _has(found: Places, wanted: Places) -> bool:
    return all(set(offsets) <= set(found[number]) for number, offsets in wanted.items())


def _said(found: Places, wanted: Places) -> str:
    lost = sum(len(set(offsets) - set(found[number])) for number, offsets in wanted.items())
    twice = sum(times - 1 for offsets in found.values() for times in Counter(offsets).values())
    mixed = sum(offsets != sorted(offsets) for offsets in found.values())
    counts = (
        (lost, "I1", "inputs lost"),
        (twice, "I2", "answers doubled"),
        (mixed, "I3", "partitions mixed up"),
    )
    return ", ".join(f"{name}: {count} {what}" for count, name, what in counts if count)
