"""The views of leads: where the record stands, the decision in force, and the folded state apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa

from domain.events import LeadEnriched, LeadPatchEnriched
from domain.records import Decision
from domain.states import Lead
from domain.vocabulary import Channel, Verdict
from projections.tables import lead_states, leads
from runtime.transform import Record
from runtime.views import Given, View

RECORD_PARTS = ("guardians", "children", "time_zone", "campaign_goal")
"""What a household's record is made of: each part is as its own last event told it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an answer what lists show."""

    decision_id: str
    lead_id: str
    verdict: Verdict
    decided_at: datetime
    bucket: str
    state: str
    expires_at: datetime | None
    action: str | None
    channel: Channel | None
    scheduled_for: datetime | None


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """Which event each part of the household's record is of: the last that gave it and was not a repeat.

    A row a part: a batch writes rows of other columns apart, so a change of one part leaves the others.
    """
    event = record.value
    if not isinstance(event, LeadEnriched | LeadPatchEnriched):
        return
    given = event.given if isinstance(event, LeadPatchEnriched) else RECORD_PARTS
    yield {"lead_id": event.lead_id, "partition": record.partition}
    for part in RECORD_PARTS:
        if part in given:
            yield {"lead_id": event.lead_id, f"{part}_offset": event.root_offset}


def from_leads(record: Record) -> Iterable[dict[str, Any]]:
    """What of the state lists are filtered and sorted by, and where on the topic it stands."""
    lead = record.value
    if isinstance(lead, Lead):
        yield {
            "lead_id": lead.lead_id,
            "state_partition": record.partition,
            "state_offset": record.offset,
            "status": lead.status.value,
            "consent": lead.consent.value,
            "due": lead.due,
            "sequence": lead.sequence,
            "interactions": lead.interactions,
            "reviews": msgspec.to_builtins(lead.reviews) or None,
            "executed_id": _executed(lead),
        }


def states(record: Record) -> Iterable[dict[str, Any]]:
    """What the family has said so far, and everything else that a decision looks at."""
    lead = record.value
    if isinstance(lead, Lead):
        folded = msgspec.to_builtins(lead)
        del folded["lead_id"]
        asked = (one.due_at for one in lead.reminders if not one.is_automatic)
        yield {
            "lead_id": lead.lead_id,
            "folded": folded,
            "reminds_at": min((one.due_at for one in lead.reminders), default=None),
            "asked_at": min(asked, default=None),
        }


def from_decisions(record: Record) -> Iterable[dict[str, Any]]:
    """Every answer moves the state; only a decision is in force.

    Two rows that share no column: a batch writes rows of other columns apart, in no promised order.
    """
    answer = record.value
    if not isinstance(answer, Decision | Standing):
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


def _executed(lead: Lead) -> str | None:
    """The decision in force, once it was carried out."""
    decision = lead.in_force
    return decision.decision_id if decision and decision.executed_action else None


def count_anew(database: psycopg.Connection[Any], _table: sa.Table, given: Sequence[Given] | None) -> None:
    """Triggers count the rows of the view and of the copy that takes its place; what is left of others goes."""
    if given is None:
        database.execute("DELETE FROM lead_counts WHERE relation NOT IN (SELECT oid FROM pg_class)")


STATES = View(lead_states, {"leads": states})
VIEW = View(
    leads,
    {"enriched": from_enriched, "leads": from_leads, "decisions": from_decisions},
    count_anew,
    parts={LeadEnriched: LeadEnriched, LeadPatchEnriched: LeadPatchEnriched, Lead: Lead, Decision: Standing},
)
