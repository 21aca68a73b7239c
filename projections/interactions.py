"""The view of root records: what was told to us, and what was read in it.

Its key is the root's place, so that a repeated event id never overwrites the first.
"""

from collections.abc import Iterable
from typing import Any

from domain.acts import Recorded
from domain.acts_enriched import FromLead
from domain.events import ConversationEnriched, InteractionEnriched, Repeated
from projections.tables import interactions
from runtime.transform import Record
from runtime.views import View
from schemas.topics import TOPICS

_Enriched = FromLead | Repeated
_KINDS = {kind: name for name, kind in TOPICS["interactions"].events.items()}


def from_interactions(record: Record) -> Iterable[dict[str, Any]]:
    """The event as it was told; time itself is none."""
    event = record.value
    if not isinstance(event, Recorded):
        return
    yield {
        "partition": record.partition,
        "root_offset": record.offset,
        "event_id": event.event_id,
        "lead_id": event.lead_id,
        "kind": _KINDS[type(event)],
        "recorded_at": event.recorded_at,
        "occurred_at": event.occurred_at,
        "recorded": event,
    }


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """That the extractor has passed it on, and what it found; in a message that waits, nothing yet."""
    event = record.value
    if isinstance(event, ConversationEnriched):
        yield from _read_together(record.partition, event)
    if not isinstance(event, _Enriched):
        return
    row = {
        "partition": record.partition,
        "root_offset": event.root_offset,
        "enriched_id": event.event_id,
        "repeats": event.verdict.value if isinstance(event, Repeated) else None,
    }
    if isinstance(event, InteractionEnriched) and event.buffered:
        yield row  # its conversation alone sets what was read, in whatever order a batch writes its columns
        return
    said = event.extraction if isinstance(event, InteractionEnriched) else None
    yield row | {"extraction": said}


def _read_together(partition: int, event: ConversationEnriched) -> Iterable[dict[str, Any]]:
    """Each of its messages says so, and the last what was read (D6)."""
    conversation = {
        "conversation_id": event.cause_event_id,
        "root_offset": event.root_offset,
        "why": event.why.value,
        "events": [part.event_id for part in event.parts],
    }
    for part in event.parts:
        row = {"partition": partition, "root_offset": part.root_offset, "conversation": conversation}
        last = part is event.parts[-1]
        yield {**row, "extraction": event.extraction} if last else row


VIEW = View(interactions, {"interactions": from_interactions, "enriched": from_enriched})
