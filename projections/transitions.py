"""The view of transitions: what decisions led to, at the table version that folds each."""

from collections.abc import Iterable
from typing import Any

from domain.records import TableCreated, Transition
from projections.tables import transitions
from runtime.transform import Record
from runtime.views import View


def from_transitions(record: Record) -> Iterable[dict[str, Any]]:
    """A table's creation is a row of kind `table_created`, so that versions have no gaps."""
    event = record.value
    if not isinstance(event, Transition | TableCreated):
        return
    made = event if isinstance(event, Transition) else None
    yield {
        "transition_id": event.transition_id,
        "table_id": event.table_id,
        "version": record.offset,
        "kind": made.kind if made else "table_created",
        "lead_id": made and made.lead_id,
        "decision_id": made and made.decision_id,
        "cause_event_id": made and made.cause_event_id,
        "from_state": made and made.from_state,
        "action": made and made.action,
        "reward": made and made.reward,
        "to_state": made and made.to_state,
        "arm": made and made.arm,
        "recorded_at": event.recorded_at,
        "record": event,
    }


VIEW = View(transitions, {"transitions": from_transitions})
