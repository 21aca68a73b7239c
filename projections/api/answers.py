"""Rows of the views as the API's answers, sealed texts opened and briefs rendered."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from sqlalchemy import RowMapping

from domain.acts import ReminderSet
from domain.events import Sealed
from domain.extraction import Extraction, with_texts
from domain.records import Decision, Transition
from domain.states import Attempt, Context, Membership, Reminder, Review
from projections.api import told
from projections.api.decision import DecisionView
from projections.api.extraction import ExtractionView
from projections.api.opening import Opener, Opens
from projections.api.places import Place
from projections.api.queue_queries import DUE
from projections.api.reminder_queries import REMINDER
from projections.api.reminder_views import ReminderItem, ReminderView
from projections.api.render import rendered, verdicts
from projections.api.statements import Row
from projections.api.views import (
    AnswerItem,
    InForceView,
    InteractionView,
    LeadSummary,
    LeadView,
    Position,
    QueueItem,
    Repeat,
    TaughtItem,
    ToldItem,
)

T = TypeVar("T")
Events = Mapping[Place, Any]
"""The stored events that the parts of records are of, by place."""


def summary(row: RowMapping, events: Events, keys: Opens) -> LeadSummary:
    """One line of the list of leads."""
    return LeadSummary(
        lead_id=row["lead_id"],
        **_names(row, events, Opener(keys, row["lead_id"])),
        decision=_in_force(row),
        **_standing(row),
    )


def queued(row: RowMapping, events: Events, keys: Opens) -> QueueItem:
    """One line of the operators' queue."""
    decided = ("decision_id", "action", "channel", "scheduled_for")
    opener, is_due = Opener(keys, row["lead_id"]), row["kind"] == DUE
    return QueueItem(
        **{name: row[name] for name in ("kind", "since", "lead_id", "status", "consent", "event_id")},
        **{name: row[name] if is_due else None for name in decided},
        note=_note(row["set_by"], opener) if row["kind"] == REMINDER else None,
        **_names(row, events, opener),
    )


def reminded(row: RowMapping, events: Events, keys: Opens) -> ReminderItem:
    """One open reminder, with its household."""
    opener = Opener(keys, row["lead_id"])
    shown = _reminder(row, opener) | _names(row, events, opener)
    return ReminderItem(lead_id=row["lead_id"], status=row["status"], **shown)


def lead(
    row: Row,
    events: Events,
    current: Row | None,
    reminders: Sequence[Row],
    keys: Opens,
) -> LeadView:
    """One household, with its decision in force and its open reminders."""
    folded, lead_id = row["folded"] or {}, row["lead_id"]
    return LeadView(
        lead_id=lead_id,
        record=told.record(told.parts(row, events), folded.get("consents", {}), Opener(keys, lead_id)),
        interactions=row["interactions"] or 0,
        sequence=row["sequence"] or 0,
        since=folded.get("since"),
        attempt=_as(Attempt, folded.get("attempt")),
        membership=_as(Membership, folded.get("membership")),
        context=_as(Context, folded.get("context")) or Context(),
        reviews=[msgspec.convert(review, Review) for review in folded.get("reviews", ())],
        reminders=[ReminderView(**_reminder(one, Opener(keys, lead_id))) for one in reminders],
        executed=_is_executed(row),
        decision=decision(current) if current else None,
        **_standing(row),
    )


def interaction(
    rows: Sequence[RowMapping], answer: RowMapping | None, closed: Sequence[RowMapping], keys: Opens
) -> InteractionView:
    """What became of the first of `rows`; the others repeat its id."""
    row, opener = rows[0], Opener(keys, rows[0]["lead_id"])
    said = answer["record"] if answer else {}
    extraction = _extraction(row, opener)
    return InteractionView(
        **{name: row[name] for name in ("event_id", "lead_id", "recorded_at", "occurred_at")},
        **told.shown(row, opener),
        stage=_stage(row, answer),
        position=_position(row),
        extraction=extraction,
        conversation=row["conversation"],
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


def decision(row: Row) -> DecisionView:
    """The complete record, its brief as text."""
    made = msgspec.convert(row["record"], Decision)
    brief = rendered(made.action, made.brief) if made.brief else None
    return DecisionView.model_validate({**row["record"], "brief": brief, "actions": verdicts(made.actions)})


def item(row: RowMapping, keys: Opens) -> ToldItem | TaughtItem | AnswerItem:
    """One item of a timeline."""
    if row["kind"] == "transition":
        return TaughtItem(
            kind="transition", at=row["at"], transition=msgspec.convert(row["recorded"], Transition)
        )
    if row["kind"] == "decision":
        return AnswerItem.model_validate({**row["recorded"], "kind": "decision", "at": row["at"]})
    opener = Opener(keys, row["lead_id"])
    extraction = _extraction(row, opener)
    return ToldItem(
        **{name: row[name] for name in ("at", "event_id", "occurred_at", "repeats", "conversation")},
        **told.shown(row, opener),
        position=_position(row),
        extraction=extraction,
    )


def _reminder(row: Row, opener: Opener) -> dict[str, Any]:
    one = Reminder(row["reminder_id"], row["due_at"], row["credited_id"], row["fired"])
    return {
        "reminder_id": one.reminder_id,
        "kind": "automatic" if one.is_automatic else "manual",
        "due_at": one.due_at,
        "fired": one.fired,
        "decision_id": one.decision_id,
        "action": row["credited_action"],
        "note": _note(row["set_by"], opener),
        "erased": opener.erased,
    }


def _note(stored: Any, opener: Opener) -> str | None:
    """The words of the event that set a reminder; there is none of an automatic one."""
    return None if stored is None else opener.text("note", msgspec.convert(stored, ReminderSet).note)


def _names(row: RowMapping, events: Events, opener: Opener) -> dict[str, Any]:
    """Who belongs to the household, as lists show it."""
    found = told.parts(row, events)
    return {
        "guardians": [opener.text("name", adult.name) for adult in told.adults(found)],
        "children": [opener.text("name", minor.name) for minor in told.minors(found)],
        "erased": opener.erased,
    }


def _standing(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("status", "consent", "state", "bucket", "due", "updated_at")}


def _in_force(row: RowMapping) -> InForceView | None:
    if row["decision_id"] is None:
        return None
    shown = (name for name in InForceView.model_fields if name != "executed")
    return InForceView(**{name: row[name] for name in shown}, executed=_is_executed(row))


def _is_executed(row: Row) -> bool:
    return row["decision_id"] is not None and row["executed_id"] == row["decision_id"]


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
