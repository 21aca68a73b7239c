"""Every message of a conversation is read once, and in time (T1): its part of I1 and I2."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.acts import ErasureTold
from domain.events import ConversationEnriched, InteractionEnriched
from domain.threads import LONGEST
from infra.invariants.history import Entry, History, Violation, broken
from runtime.state import BEGINNING
from runtime.transform import tick_of


def is_talk(entry: Entry) -> bool:
    """Whether an entry is a conversation that was read."""
    return isinstance(entry.value, ConversationEnriched)


def causes_of_talks(history: History) -> set[str]:
    """The causes of all conversations."""
    return {entry.value.cause_event_id for entry in filter(is_talk, history.readable("enriched"))}


def read_twice(history: History) -> Iterator[Violation]:
    """I2: a message in a second conversation."""
    seen: dict[tuple[int, int], Entry] = {}
    for entry in filter(is_talk, history.readable("enriched")):
        for part in entry.value.parts:
            first = seen.setdefault((entry.partition, part.root_offset), entry)
            if first is not entry:
                what = f"reads message {part.event_id} again, first read at offset {first.offset}"
                yield broken("I2", entry, what)


def unread(history: History) -> Iterator[Violation]:
    """I1: a message that is in no conversation though two ticks came after its time was over.

    What the first of them released was handled before the second.
    """
    read = {
        (entry.partition, part.root_offset)
        for entry in filter(is_talk, history.readable("enriched"))
        for part in entry.value.parts
    }
    forgotten = {entry.key for entry in history.of("interactions") if isinstance(entry.value, ErasureTold)}
    ticks: dict[int, list[datetime]] = {}
    waiting: list[tuple[datetime, Entry]] = []
    now: dict[int, datetime] = {}
    for entry in history.readable("enriched"):
        event: Any = entry.value
        now[entry.partition] = max(now.get(entry.partition, BEGINNING), event.recorded_at)
        if tick_of(event) and history.is_settled(entry):
            ticks.setdefault(entry.partition, []).append(event.recorded_at)
        if isinstance(event, InteractionEnriched) and event.buffered and entry.origin not in read:
            waiting.append((now[entry.partition] + LONGEST, entry))
    for due, entry in waiting:
        passed = sum(at >= due for at in ticks.get(entry.partition, ()))
        if passed > 1 and entry.key not in forgotten:
            yield broken("I1", entry, f"waits to be read with its conversation since before {due}")
