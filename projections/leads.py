"""The view of leads: where the record stands, the folded state, and the decision in force."""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.events import LeadEnriched
from domain.records import Decision
from domain.states import Lead
from domain.vocabulary import Verdict
from projections.tables import leads
from runtime.transform import Record
from runtime.views import View

_UNSEEN = ("lead_id", "recent")  # the key, and hashes of no use to a reader


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """Which record of the household is in force: the last that was not a repeat."""
    event = record.value
    if isinstance(event, LeadEnriched):
        yield {"lead_id": event.lead_id, "partition": record.partition, "record_offset": event.root_offset}


def from_leads(record: Record) -> Iterable[dict[str, Any]]:
    """Status, consent and what the family has said so far."""
    lead = record.value
    if isinstance(lead, Lead):
        folded = msgspec.to_builtins(lead)
        yield {
            "lead_id": lead.lead_id,
            "status": lead.status.value,
            "consent": lead.consent.value,
            "due": lead.due,
            "sequence": lead.sequence,
            "interactions": lead.interactions,
            "folded": {name: value for name, value in folded.items() if name not in _UNSEEN},
        }


def from_decisions(record: Record) -> Iterable[dict[str, Any]]:
    """Every answer moves the state; only a decision is in force.

    Two rows that share no column: a batch writes rows of other columns apart, in no promised order.
    """
    answer = record.value
    if not isinstance(answer, Decision):
        return
    yield {
        "lead_id": answer.lead_id,
        "state": answer.state,
        "bucket": answer.bucket,
        "updated_at": answer.decided_at,
    }
    if answer.verdict is Verdict.DECISION:
        yield {
            "lead_id": answer.lead_id,
            "decision_id": answer.decision_id,
            "action": answer.action,
            "channel": answer.channel and answer.channel.value,
            "scheduled_for": answer.scheduled_for,
            "expires_at": answer.expires_at,
            "decided_at": answer.decided_at,
        }


VIEW = View(leads, {"enriched": from_enriched, "leads": from_leads, "decisions": from_decisions})
