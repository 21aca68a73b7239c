"""The contact ledger: every contact that the limits count, whoever made it and on whatever channel (C1, C3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.events import InteractionEnriched
from domain.vocabulary import Channel, Direction, Outcome
from projections.event_tables import contacts
from runtime.transform import Record
from runtime.views import View


@dataclass(frozen=True, slots=True)
class Contacted:
    """Of an interaction what the ledger keeps."""

    cause_event_id: str
    lead_id: str
    root_offset: int
    occurred_at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    guardian_id: str | None
    decision_id: str | None


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """What the academy did, answered or not; an id that came twice counts once, for the second is no such event."""
    event = record.value
    if isinstance(event, InteractionEnriched | Contacted) and event.direction is Direction.OUTBOUND:
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


VIEW = View(contacts, {"enriched": from_enriched}, parts={InteractionEnriched: Contacted})
