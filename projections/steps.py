"""The view of steps of status: what a funnel is counted from (S4)."""

from collections.abc import Iterable
from typing import Any

from domain.records import Transition
from projections.event_tables import status_steps
from runtime.transform import Record
from runtime.views import View


def from_transitions(record: Record) -> Iterable[dict[str, Any]]:
    """Every step of a transition in its order; most transitions have none."""
    event = record.value
    if isinstance(event, Transition):
        for number, hop in enumerate(event.hops):
            yield {
                "transition_id": event.transition_id,
                "number": number,
                "table_id": event.table_id,
                "lead_id": event.lead_id,
                "from_status": hop.from_status.value,
                "to_status": hop.to_status.value,
                "reward": hop.reward,
                "recorded_at": event.recorded_at,
            }


VIEW = View(status_steps, {"transitions": from_transitions})
