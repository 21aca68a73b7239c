"""One entry of a story as a record for Kafka, by the same functions that take what is posted over HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.records import Decision
from infra.demo.story import Moment
from ingest.act_bodies import (
    AcceptanceBody,
    AttendanceBody,
    ConsentBody,
    CorrectionBody,
    EnrolmentBody,
    ExecutionBody,
    PaymentBody,
    RejectionBody,
    StatusBody,
)
from ingest.acts import (
    accept_answer,
    accept_attendance,
    accept_consent,
    accept_correction,
    accept_enrolment,
    accept_payment,
    accept_status,
)
from ingest.bodies import InteractionBody, LeadBody, PatchBody, SmsBody
from ingest.intake import Intake, Origin, accept_interaction, accept_lead, accept_patch, event_id
from ingest.reminder_bodies import DoneBody, ReminderBody
from ingest.reminders import accept_reminder, accept_reminder_answer
from runtime.keys import Keyring

CHANNELS = {"call": "voice", "sms": "sms", "chat": "sms", "email": "email"}
DIRECTIONS = {"in": "inbound", "out": "outbound"}
WORDS_A_MINUTE = 130
"""How fast people talk on the phone."""


def told(moment: Moment, made: Sequence[Decision], keys: Keyring) -> Intake:
    """The record of one entry; `made` are the household's decisions so far, the one in force last."""
    entry = moment.entry
    name = next(name for name in KINDS if name in entry)
    return KINDS[name](moment, made, keys)


def _origin(moment: Moment) -> Origin:
    """`again` sends an earlier entry of the family once more, under its id."""
    return Origin("demo", f"{moment.lead_id}/{moment.entry.get('again', moment.number)}")


def _interaction(moment: Moment, made: Sequence[Decision], keys: Keyring) -> Intake:
    entry = moment.entry
    how = next(name for name in CHANNELS if name in entry)
    said: dict[str, Any] = {
        "lead_id": moment.lead_id,
        "channel": CHANNELS[how],
        "direction": DIRECTIONS[entry[how]],
        "outcome": entry.get("outcome", "completed"),
        "occurred_at": moment.at.isoformat(),
        "guardian_id": entry.get("who", "g1"),
    }
    text = entry.get("text", "").strip()
    if text:
        said["transcript"] = text
    if how == "call":
        said["duration_s"] = len(text.split()) * 60 // WORDS_A_MINUTE
    if entry.get("carries"):
        said["decision_id"] = made[-1].decision_id
    body = (SmsBody if how == "chat" else InteractionBody).model_validate(said, strict=False)
    return accept_interaction(body, _origin(moment), moment.told, keys)


def _record(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = LeadBody.model_validate(
        {**moment.entry["record"], "occurred_at": moment.at.isoformat()}, strict=False
    )
    return accept_lead(body, _origin(moment), moment.told, keys)


def _patch(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = PatchBody.model_validate(_dated(moment, moment.entry["patch"]), strict=False)
    return accept_patch(moment.lead_id, body, _origin(moment), moment.told, keys)


def _consent(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = ConsentBody.model_validate(
        {"lead_id": moment.lead_id, **_dated(moment, moment.entry["consent"])}, strict=False
    )
    return accept_consent(body, _origin(moment), moment.told, keys)


def _correction(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = CorrectionBody.model_validate(_dated(moment, moment.entry["misheard"]), strict=False)
    return accept_correction(moment.lead_id, body, _origin(moment), moment.told, keys)


def _enrolment(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = EnrolmentBody.model_validate(
        {"lead_id": moment.lead_id, **_dated(moment, moment.entry["enrolment"])}, strict=False
    )
    return accept_enrolment(body, _origin(moment), moment.told, keys)


def _attendance(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = AttendanceBody.model_validate(
        {"lead_id": moment.lead_id, **_dated(moment, moment.entry["attendance"])}, strict=False
    )
    return accept_attendance(body, _origin(moment), moment.told, keys)


def _payment(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = PaymentBody.model_validate(
        {"lead_id": moment.lead_id, **_dated(moment, moment.entry["payment"])}, strict=False
    )
    return accept_payment(body, _origin(moment), moment.told, keys)


def _status(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    body = StatusBody.model_validate(_dated(moment, moment.entry["status"]), strict=False)
    return accept_status(moment.lead_id, body, _origin(moment), moment.told, keys)


def _answer(moment: Moment, made: Sequence[Decision], keys: Keyring) -> Intake:
    """What an operator says to the decision in force, or to one that is `back` so many before it."""
    said = dict(moment.entry["answer"])
    about = made[-1 - said.pop("back", 0)]
    body = ANSWERS[said.pop("word")].model_validate(_dated(moment, said), strict=False)
    return accept_answer(moment.lead_id, about.decision_id, body, _origin(moment), moment.told, keys)


def _reminder(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    """An operator asks to be reminded so many `days` later."""
    said = dict(moment.entry["reminder"])
    due = moment.at + timedelta(days=said.pop("days"))
    asked = {"lead_id": moment.lead_id, "due_at": due.isoformat(), **_dated(moment, said)}
    body = ReminderBody.model_validate(asked, strict=False)
    return accept_reminder(body, _origin(moment), moment.told, keys)


def _reminded(moment: Moment, _made: Sequence[Decision], keys: Keyring) -> Intake:
    """What was asked for by the family's entry of that number is done."""
    asked = event_id(None, _origin(replace(moment, number=moment.entry["reminded"], entry={})))
    body = DoneBody.model_validate(_dated(moment, {}), strict=False)
    return accept_reminder_answer(moment.lead_id, asked, body, _origin(moment), moment.told, keys)


def _dated(moment: Moment, said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "occurred_at": moment.at.isoformat()}


ANSWERS: dict[str, type[AcceptanceBody | RejectionBody | ExecutionBody]] = {
    "accept": AcceptanceBody,
    "reject": RejectionBody,
    "executed": ExecutionBody,
}

KINDS: dict[str, Callable[[Moment, Sequence[Decision], Keyring], Intake]] = {
    **dict.fromkeys(CHANNELS, _interaction),
    "record": _record,
    "patch": _patch,
    "consent": _consent,
    "misheard": _correction,
    "enrolment": _enrolment,
    "attendance": _attendance,
    "payment": _payment,
    "status": _status,
    "answer": _answer,
    "reminder": _reminder,
    "reminded": _reminded,
}
"""What an entry is, by the key that says so."""
