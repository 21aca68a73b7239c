"""The view of answers: each complete, beside the columns that queries need."""

from collections.abc import Iterable
from typing import Any

from domain.records import Decision
from projections.tables import decisions
from runtime.transform import Record
from runtime.views import View


def from_decisions(record: Record) -> Iterable[dict[str, Any]]:
    """Decisions and verdicts alike: every input is answered here."""
    answer = record.value
    if isinstance(answer, Decision):
        yield {
            "decision_id": answer.decision_id,
            "lead_id": answer.lead_id,
            "cause_event_id": answer.cause_event_id,
            "partition": record.partition,
            "root_offset": answer.root_offset,
            "sequence": answer.sequence,
            "verdict": answer.verdict.value,
            "decided_at": answer.decided_at,
            "state": answer.state,
            "action": answer.action,
            "scheduled_for": answer.scheduled_for,
            "expires_at": answer.expires_at,
            "record": answer,
        }


VIEW = View(decisions, {"decisions": from_decisions})
