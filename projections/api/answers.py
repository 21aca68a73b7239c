"""Rows of the views as the API's answers, sealed texts opened and briefs rendered."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec
from sqlalchemy import RowMapping

from domain.events import InteractionRecorded, LeadRecorded, Sealed
from domain.extraction import Extraction, with_texts
from domain.records import Decision, Transition
from domain.states import Attempt, Context
from projections.api.decision import DecisionView
from projections.api.extraction import ExtractionView
from projections.api.opening import Opener
from projections.api.render import rendered, verdicts
from projections.api.views import (
    AnswerItem,
    ChildView,
    GuardianView,
    InForceView,
    InteractionEvent,
    InteractionView,
    LeadSummary,
    LeadView,
    Position,
    RecordView,
    Repeat,
    TaughtItem,
    ToldItem,
)
from runtime.keys import Keyring

T = TypeVar("T")


def summary(row: RowMapping, keys: Keyring) -> LeadSummary:
    """One line of the list of leads."""
    opener = Opener(keys)
    record = _as(LeadRecorded, row["recorded"])
    return LeadSummary(
        lead_id=row["lead_id"],
        guardians=[opener.text("name", guardian.name) for guardian in record.guardians] if record else [],
        children=[opener.text("name", child.name) for child in record.children] if record else [],
        erased=opener.erased,
        decision=_in_force(row),
        **_standing(row),
    )


def lead(row: RowMapping, current: RowMapping | None, keys: Keyring) -> LeadView:
    """One household, with its decision in force."""
    folded = row["folded"] or {}
    record = _as(LeadRecorded, row["recorded"])
    return LeadView(
        lead_id=row["lead_id"],
        record=_record(record, folded.get("consents", {}), Opener(keys)) if record else None,
        interactions=row["interactions"] or 0,
        sequence=row["sequence"] or 0,
        attempt=_as(Attempt, folded.get("attempt")),
        context=_as(Context, folded.get("context")) or Context(),
        decision=decision(current) if current else None,
        **_standing(row),
    )


def interaction(
    rows: Sequence[RowMapping], answer: RowMapping | None, closed: Sequence[RowMapping], keys: Keyring
) -> InteractionView:
    """What became of the first of `rows`; the others repeat its id."""
    row, opener = rows[0], Opener(keys)
    told, record = _told(row, opener)
    said = answer["record"] if answer else {}
    extraction = _extraction(row, opener)
    return InteractionView(
        **{name: row[name] for name in ("event_id", "lead_id", "kind", "recorded_at", "occurred_at")},
        stage=_stage(row, answer),
        position=_position(row),
        event=told,
        record=record,
        erased=opener.erased,
        extraction=extraction,
        transitions=[transition["record"] for transition in closed],
        verdict=said.get("verdict"),
        reason=said.get("reason"),
        decision_id=said.get("decision_id"),
        state=said.get("state"),
        status=said.get("status"),
        repeats=[
            Repeat(position=_position(other), verdict=other["repeats"])
            for other in rows[1:]
            if other["repeats"]
        ],
    )


def decision(row: RowMapping) -> DecisionView:
    """The complete record, its brief as text."""
    made = msgspec.convert(row["record"], Decision)
    brief = rendered(made.action, made.brief) if made.brief else None
    return DecisionView.model_validate({**row["record"], "brief": brief, "actions": verdicts(made.actions)})


def item(row: RowMapping, keys: Keyring) -> ToldItem | TaughtItem | AnswerItem:
    """One item of a timeline."""
    if row["kind"] == "transition":
        return TaughtItem(
            kind="transition", at=row["at"], transition=msgspec.convert(row["recorded"], Transition)
        )
    if row["kind"] == "decision":
        return AnswerItem.model_validate({**row["recorded"], "kind": "decision", "at": row["at"]})
    opener = Opener(keys)
    told, record = _told(row, opener)
    extraction = _extraction(row, opener)
    return ToldItem(
        **{name: row[name] for name in ("kind", "at", "event_id", "occurred_at", "repeats")},
        position=_position(row),
        event=told,
        record=record,
        extraction=extraction,
        erased=opener.erased,
    )


def _standing(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("status", "consent", "state", "bucket", "due", "updated_at")}


def _in_force(row: RowMapping) -> InForceView | None:
    if row["decision_id"] is None:
        return None
    return InForceView(**{name: row[name] for name in InForceView.model_fields})


def _told(row: RowMapping, opener: Opener) -> tuple[InteractionEvent | None, RecordView | None]:
    if row["kind"] == "lead":
        return None, _record(msgspec.convert(row["recorded"], LeadRecorded), {}, opener)
    event = msgspec.convert(row["recorded"], InteractionRecorded)
    told = InteractionEvent(
        channel=event.channel,
        direction=event.direction,
        outcome=event.outcome,
        duration_s=event.duration_s,
        guardian_id=event.guardian_id,
        decision_id=event.decision_id,
        external_ref=opener.text("external_ref", event.external_ref),
        transcript=opener.text("transcript", event.transcript),
        opt_out=event.opt_out,
        urgent=event.urgent,
        classifier=event.classifier,
    )
    return told, None


def _record(record: LeadRecorded, consents: dict[str, Any], opener: Opener) -> RecordView:
    """The record as told, each guardian's consent as it stands now."""
    guardians = [
        GuardianView(
            guardian_id=guardian.guardian_id,
            name=opener.text("name", guardian.name),
            phone=opener.text("phone", guardian.phone),
            email=opener.text("email", guardian.email),
            consent=consents.get(guardian.guardian_id, guardian.consent),
        )
        for guardian in record.guardians
    ]
    children = [
        ChildView(
            child_id=child.child_id,
            name=opener.text("name", child.name),
            age=child.age,
            programme=opener.text("programme", child.programme),
        )
        for child in record.children
    ]
    return RecordView(
        event_id=record.event_id,
        recorded_at=record.recorded_at,
        guardians=guardians,
        children=children,
        time_zone=record.time_zone,
        campaign_goal=opener.text("campaign_goal", record.campaign_goal),
        erased=opener.erased,
    )


def _extraction(row: RowMapping, opener: Opener) -> ExtractionView | None:
    if row["extraction"] is None:
        return None
    sealed = msgspec.convert(row["extraction"], Extraction[Sealed])
    return ExtractionView.model_validate(msgspec.to_builtins(with_texts(sealed, opener.text)))


def _stage(row: RowMapping, answer: RowMapping | None) -> Literal["accepted", "enriched", "answered"]:
    if answer is not None:
        return "answered"
    return "enriched" if row["enriched_id"] else "accepted"


def _position(row: RowMapping) -> Position:
    return Position(partition=row["partition"], offset=row["root_offset"])


def _as(kind: type[T], stored: Any) -> T | None:
    return None if stored is None else msgspec.convert(stored, kind)
