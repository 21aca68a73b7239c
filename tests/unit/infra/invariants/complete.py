"""A history with what the checkers of views, rest and replay look at, as the log itself gives it."""

from copy import deepcopy
from dataclasses import replace

from analysis.replay import Records
from infra.invariants.history import Entry, History, Projection
from infra.invariants.views import SOURCES, Fold
from runtime.transform import Message
from schemas.codec import encode
from tests import given


def complete(history: History) -> History:
    """Everything applied to the views, every transaction over, every record kept."""
    policies = [Entry("policies", 0, 0, "parameters|1", given.PARAMETERS)]
    whole = replace(history, entries={**history.entries, "policies": policies})
    messages = {topic: [message(each) for each in whole.of(topic)] for topic in SOURCES}
    records = Records(*(messages[topic] for topic in ("enriched", "decisions", "transitions", "policies")))
    ends = {(topic, 0): len(found) for topic, found in messages.items()}
    return replace(whole, projection=projection(whole, ends), records=records, open=())


def projection(history: History, positions: dict[tuple[str, int], int]) -> Projection:
    """Views that stand at these positions, and the fold of the log beside them."""
    fold = Fold(positions)
    for topic in SOURCES:
        for entry in history.of(topic):
            fold.add(message(entry), entry.value)
    found = fold.beside({})
    return replace(found, held=deepcopy(found.folded))


def message(entry: Entry) -> Message:
    """The record as a stock reader gives it; what is no event has bytes that are none."""
    value = b"nonsense" if entry.value is None else encode(entry.topic, entry.value)
    return Message(entry.topic, entry.partition, entry.offset, entry.key.encode(), value, [], None)
