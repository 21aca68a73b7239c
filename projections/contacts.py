"""The contact ledger: every contact that the limits count, whoever made it and on whatever channel (C1, C3)."""

from collections.abc import Iterable
from typing import Any

from domain.events import InteractionEnriched
from domain.vocabulary import Direction
from projections.event_tables import contacts
from runtime.transform import Record
from runtime.views import View


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """What the academy did, answered or not; an id that came twice counts once, for the second is no such event."""
    event = record.value
    if isinstance(event, InteractionEnriched) and event.direction is Direction.OUTBOUND:
        yield {
            "partition": record.partition,
            "root_offset": event.root_offset,
            "event_id": event.cause_event_id,
            "lead_id": event.lead_id,
            "at": event.occurred_at,
            "channel": event.channel.value,
            "outcome": event.outcome.value,
            "guardian_id": event.guardian_id,
            "decision_id": event.decision_id,
        }


VIEW = View(contacts, {"enriched": from_enriched})
