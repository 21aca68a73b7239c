"""What is passed on of an input: its clear part, and beside it what was read where there were words to read."""

from dataclasses import dataclass, fields
from datetime import datetime
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
from domain.asked import Asked
from domain.events import (
    ConversationEnriched,
    InteractionEnriched,
    InteractionRecorded,
    LeadEnriched,
    LeadPatched,
    LeadPatchEnriched,
    LeadRecorded,
    Part,
    Sealed,
    derived_id,
)
from domain.extraction import Extraction
from domain.threads import Flush

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


@dataclass(frozen=True, slots=True)
class At:
    """Where and when a conversation is read: the household, the input or tick on `interactions`, partition time."""

    lead_id: str
    root_offset: int
    now: datetime


def interaction(
    event: InteractionRecorded, root: int, said: Extraction[Sealed], asked: Asked | None
) -> InteractionEnriched:
    """A call, SMS or e-mail with what was read in it."""
    return InteractionEnriched(
        **passed_on(event, root),
        channel=event.channel,
        direction=event.direction,
        outcome=event.outcome,
        guardian_id=event.guardian_id,
        decision_id=event.decision_id,
        opt_out=event.opt_out,
        extraction=said,
        asked=asked,
        buffered=event.buffered,
    )


def cause_of(lead_id: str, flush: Flush) -> str:
    """A conversation's own cause: a message is read once, so the one that was told last names it."""
    told_last = max(flush.messages, key=lambda one: one.root_offset)
    return derived_id(lead_id, told_last.event_id, "conversation")


def conversation(
    flush: Flush, at: At, cause: str, said: Extraction[Sealed], asked: Asked | None
) -> ConversationEnriched:
    """A conversation with what was read in it."""
    return ConversationEnriched(
        event_id=derived_id(at.lead_id, cause, "enriched"),
        cause_event_id=cause,
        lead_id=at.lead_id,
        root_offset=at.root_offset,
        recorded_at=at.now,
        occurred_at=(flush.inbound or flush.messages)[0].occurred_at,
        guardian_id=flush.messages[-1].guardian_id,
        why=flush.why,
        parts=tuple(
            Part(one.event_id, one.root_offset, one.occurred_at, one.direction) for one in flush.messages
        ),
        extraction=said,
        asked=asked,
    )


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
