"""What is passed on as it was told: the clear part of a record or an act, without a word to read."""

from dataclasses import fields
from typing import Any

from domain.acts import (
    Acts,
    AttendanceTold,
    ConsentTold,
    DecisionAnswered,
    EnrolmentTold,
    ErasureTold,
    PaymentTold,
    Recorded,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.acts_enriched import (
    ActsEnriched,
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    ErasureEnriched,
    PaymentEnriched,
    ReminderAnsweredEnriched,
    ReminderSetEnriched,
    StatusEnriched,
)
from domain.events import LeadEnriched, LeadPatched, LeadPatchEnriched, LeadRecorded, derived_id

Forwarded = LeadRecorded | LeadPatched | Acts
"""Everything on `interactions` that holds no conversation."""

FromForwarded = LeadEnriched | LeadPatchEnriched | ActsEnriched
"""What becomes of it."""


def forward(event: Forwarded, root: int) -> FromForwarded:
    """The event's clear part; `root` is its offset on `interactions`."""
    match event:
        case LeadRecorded() | LeadPatched():
            return _record(event, root)
        case _:
            return _act(event, root)


def passed_on(event: Recorded, root: int) -> dict[str, Any]:
    """The fields that every enriched event has: where it comes from, under an id that a redo makes again."""
    return {
        "event_id": derived_id(event.lead_id, event.event_id, "enriched"),
        "cause_event_id": event.event_id,
        "lead_id": event.lead_id,
        "root_offset": root,
        "recorded_at": event.recorded_at,
        "occurred_at": event.occurred_at,
    }


def _record(event: LeadRecorded | LeadPatched, root: int) -> LeadEnriched | LeadPatchEnriched:
    """Who may be contacted, and in which time zone."""
    common = passed_on(event, root)
    consents = {guardian.guardian_id: guardian.consent for guardian in event.guardians}
    if isinstance(event, LeadRecorded):
        return LeadEnriched(
            **common, consents=consents, children=len(event.children), time_zone=event.time_zone
        )
    return LeadPatchEnriched(
        **common,
        given=event.given,
        consents=consents,
        children=len(event.children) if "children" in event.given else None,
        time_zone=event.time_zone,
    )


def _act(event: Acts, root: int) -> ActsEnriched:
    """All but its words, and who told it: the fields that both classes have."""
    common = passed_on(event, root)
    kind = ENRICHED[type(event)]
    clear = {each.name: getattr(event, each.name) for each in fields(kind) if each.name not in common}
    enriched: ActsEnriched = kind(**common, **clear)
    return enriched


ENRICHED: dict[type[Acts], type[ActsEnriched]] = {
    ConsentTold: ConsentEnriched,
    EnrolmentTold: EnrolmentEnriched,
    AttendanceTold: AttendanceEnriched,
    PaymentTold: PaymentEnriched,
    StatusTold: StatusEnriched,
    DecisionAnswered: AnswerEnriched,
    ReminderSet: ReminderSetEnriched,
    ReminderAnswered: ReminderAnsweredEnriched,
    ErasureTold: ErasureEnriched,
}
"""What becomes of each act."""
