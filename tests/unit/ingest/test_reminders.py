"""Reminders over HTTP: what is told, whose a reminder is, what is wrong, and when it is too late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.acts import ReminderAnswered, ReminderSet
from domain.vocabulary import ReminderAnswer
from ingest import examples
from ingest.decisions import FoundReminder
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, OPERATOR, Ingest
from tests.unit.ingest.test_act_refusals import EVERYWHERE, LOUD

REMINDER, OTHER = "5b9602f9-5118-80a5-aced-2df8749dd57e", "b4eb164d-56b9-883f-b4b2-d62409793eb1"
SET = "/api/reminders"
DUE = "2026-05-12T16:00:00-05:00"
WHOLE: dict[str, Any] = {"lead_id": "lead-ada", "due_at": DUE}
RECORDED = NOW.replace(microsecond=123_000)
ANSWERS: list[tuple[str, dict[str, Any]]] = [("snooze", {"until": DUE}), ("dismiss", {}), ("done", {})]
EXAMPLES = [
    *((SET, body) for body in examples.REMINDERS.values()),
    *((f"{SET}/{REMINDER}/snooze", body) for body in examples.SNOOZES.values()),
    *((f"{SET}/{REMINDER}/dismiss", body) for body in examples.DISMISSALS.values()),
    *((f"{SET}/{REMINDER}/done", body) for body in examples.DONE.values()),
]


def path(answer: str, reminder_id: str = REMINDER) -> str:
    return f"{SET}/{reminder_id}/{answer}"


@pytest.fixture(autouse=True)
def _view(ingest: Ingest) -> None:
    ingest.decisions.reminders = {REMINDER: FoundReminder("lead-ada"), OTHER: FoundReminder("lead-grace")}


def told(ingest: Ingest, where: str, body: Any) -> Any:
    response = ingest.operate(where, body)
    assert response.status_code == 202, response.text
    (event,) = ingest.events()
    assert response.json()["event_id"] == event.event_id
    assert response.json().keys() == {"event_id", "topic", "partition", "offset"}
    return event


def refused(ingest: Ingest, where: str, body: Any) -> list[dict[str, str]]:
    response = ingest.operate(where, body)
    assert response.status_code == 422, response.text
    assert b"zzyzx" not in response.content.lower()
    assert ingest.events() == []
    assert ingest.keys.table == {}
    errors: list[dict[str, str]] = response.json()["errors"]
    return errors


@pytest.mark.parametrize(("where", "body"), EXAMPLES)
def test_every_example_of_the_document_is_accepted(ingest: Ingest, where: str, body: Any) -> None:
    told(ingest, where, body)


def test_x1_a_reminder_is_told_with_who_asked_and_its_note_sealed(ingest: Ingest) -> None:
    body = {**WHOLE, "note": f" {LOUD} called\n", "decision_id": OTHER.upper()}
    event = told(ingest, f"{SET}/", body)
    assert event == ReminderSet(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=RECORDED,
        due_at=datetime(2026, 5, 12, 21, tzinfo=UTC),
        decision_id=OTHER,
        note=event.note,
        actor="front-desk",
        body_hash=event.body_hash,
    )
    key = ingest.keys.table["lead-ada"]
    assert key
    assert unseal(key, "note", event.note) == f"{LOUD} called"
    ((placed, value, headers),) = ingest.outlet.records()
    assert (placed, dict(headers)["event-type"]) == ("lead-ada", b"reminder")
    assert b"zzyzx" not in value.lower()


def test_x1_a_reminder_needs_no_note_or_decision_and_its_id_may_be_given(ingest: Ingest) -> None:
    event = told(ingest, SET, {**WHOLE, "id": REMINDER})
    assert (event.event_id, event.note, event.decision_id) == (REMINDER, None, None)


def test_x1_a_moment_may_be_past_when_the_asking_is(ingest: Ingest) -> None:
    asked = "2026-05-01T09:00:00Z"
    event = told(ingest, SET, {**WHOLE, "due_at": "2026-05-01T11:00:00+02:00", "occurred_at": asked})
    assert event.due_at == event.occurred_at == datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_x1_an_answer_is_told_to_the_household_of_its_reminder(
    ingest: Ingest, answer: str, body: dict[str, Any]
) -> None:
    event = told(ingest, path(answer, REMINDER.upper()), {**body, "occurred_at": "2026-05-05T12:00:00Z"})
    words = {
        "snooze": ReminderAnswer.SNOOZED,
        "dismiss": ReminderAnswer.DISMISSED,
        "done": ReminderAnswer.DONE,
    }
    assert event == ReminderAnswered(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=datetime(2026, 5, 5, 12, tzinfo=UTC),
        reminder_id=REMINDER,
        answer=words[answer],
        until=datetime(2026, 5, 12, 21, tzinfo=UTC) if answer == "snooze" else None,
        actor="front-desk",
        body_hash=event.body_hash,
    )
    ((placed, _value, headers),) = ingest.outlet.records()
    assert (placed, dict(headers)["event-type"]) == ("lead-ada", b"reminder-answered")


BEFORE = "must not be before occurred_at, which is now if it is left out"
AHEAD = "must not be more than a year ahead"
TIMES = [
    ("2026-05-05T17:59:59Z", BEFORE),
    ("2001-01-01T00:00:00Z", BEFORE),
    ("0001-01-01T00:00:00+14:00", BEFORE),
    ("2027-05-06T18:00:01Z", AHEAD),
    ("9999-12-31T23:59:59-14:00", AHEAD),
]


@pytest.mark.parametrize(("at", "sentence"), TIMES)
def test_a_moment_out_of_bounds_is_refused_with_its_sentence(ingest: Ingest, at: str, sentence: str) -> None:
    assert refused(ingest, SET, {**WHOLE, "due_at": at}) == [{"field": "due_at", "message": sentence}]
    wrong = {"field": "until", "message": sentence}
    assert refused(ingest, path("snooze"), {"until": at}) == [wrong]


def test_a_year_ahead_is_not_too_far(ingest: Ingest) -> None:
    told(ingest, SET, {**WHOLE, "due_at": (RECORDED + timedelta(days=366)).isoformat()})


OWN: list[tuple[str, Any, str]] = [
    (SET, {"due_at": DUE}, "lead_id"),
    (SET, {**WHOLE, "lead_id": "3125550142"}, "lead_id"),
    (SET, {"lead_id": "lead-ada"}, "due_at"),
    (SET, {**WHOLE, "due_at": None}, "due_at"),
    (SET, {**WHOLE, "due_at": LOUD}, "due_at"),
    (SET, {**WHOLE, "due_at": "2026-05-12T16:00:00"}, "due_at"),
    (SET, {**WHOLE, "due_at": 1_777_777_777}, "due_at"),
    (SET, {**WHOLE, "note": ""}, "note"),
    (SET, {**WHOLE, "note": LOUD * 300}, "note"),
    (SET, {**WHOLE, "note": 7}, "note"),
    (SET, {**WHOLE, "decision_id": LOUD}, "decision_id"),
    (SET, {**WHOLE, "fired": True}, "fired"),
    (path("snooze"), {}, "until"),
    (path("snooze"), {"until": LOUD}, "until"),
    (path("snooze"), {"until": "2026-05-12T16:00:00"}, "until"),
    (path("dismiss"), {"until": DUE}, "until"),
    (path("done"), {"note": LOUD}, "note"),
    (path("done"), {"lead_id": "lead-ada"}, "lead_id"),
    *((SET, {**WHOLE, **more}, field) for more, field in EVERYWHERE),
    *((path(answer), {**body, **more}, field) for answer, body in ANSWERS for more, field in EVERYWHERE),
    *((where, [LOUD], "body") for where in (SET, path("snooze"), path("dismiss"), path("done"))),
]


@pytest.mark.parametrize(("where", "body", "field"), OWN)
def test_a_wrong_body_is_refused(ingest: Ingest, where: str, body: Any, field: str) -> None:
    assert field in {error["field"] for error in refused(ingest, where, body)}


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
@pytest.mark.parametrize("unknown", ["00000000-0000-8000-8000-000000000000", "zzyzx", "%00", "1"])
def test_an_unknown_reminder_is_not_found(ingest: Ingest, answer: str, body: Any, unknown: str) -> None:
    response = ingest.operate(path(answer, unknown), body)
    assert (response.status_code, response.json()["type"]) == (404, "urn:academy:problem:not-found")
    assert "zzyzx" not in response.text
    assert ingest.events() == []


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_a_reminder_that_is_not_open_is_a_conflict(ingest: Ingest, answer: str, body: Any) -> None:
    ingest.decisions.reminders[REMINDER] = FoundReminder("lead-ada", is_open=False)
    response = ingest.operate(path(answer), body)
    assert (response.status_code, response.json()["type"]) == (409, "urn:academy:problem:not-open")
    assert ingest.events() == []


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_postgres_away_accepts_no_answer(ingest: Ingest, answer: str, body: Any) -> None:
    ingest.decisions.away = True
    response = ingest.operate(path(answer), body)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert ingest.events() == []


def test_a_retry_is_not_too_late_for_what_it_brought_about_itself(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ingest.operate(path("done"), {}, **key)
    ingest.decisions.reminders[REMINDER] = FoundReminder("lead-ada", is_open=False)
    assert ingest.operate(path("done"), {}, **key).json() == first.json()
    assert ingest.operate(path("done"), {}).status_code == 409
    assert len(ingest.events()) == 1


def test_a_retry_at_another_copy_is_the_same_event(ingest: Ingest) -> None:
    ingest.decisions.reminders[REMINDER] = FoundReminder("lead-ada", is_open=False)
    ingest.decisions.events.add(("lead-ada", OTHER))
    response = ingest.operate(path("dismiss"), {"id": OTHER})
    assert (response.status_code, response.json()["event_id"]) == (202, OTHER)


def test_one_key_stands_for_one_body_and_the_same_moment_elsewhere_is_the_same(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ingest.operate(SET, WHOLE, **key)
    assert ingest.operate(SET, {**WHOLE, "due_at": "2026-05-12T21:00:00Z"}, **key).json() == first.json()
    for where, body in (
        (SET, {**WHOLE, "due_at": "2026-05-12T21:00:01Z"}),
        (SET, {**WHOLE, "note": "Kim"}),
        (path("snooze"), {"until": DUE}),
        (path("dismiss"), {}),
    ):
        assert ingest.operate(where, body, **key).status_code == 422
    assert len(ingest.events()) == 1


def test_one_key_stands_for_one_answer_to_one_reminder(ingest: Ingest) -> None:
    ingest.decisions.reminders[OTHER] = FoundReminder("lead-ada")
    key = {"Idempotency-Key": "k1"}
    first = ingest.operate(path("snooze"), {"until": DUE}, **key)
    again = ingest.operate(path("snooze"), {"until": "2026-05-12T21:00:00Z"}, **key)
    assert again.json() == first.json()
    for where, body in (
        (path("snooze", OTHER), {"until": DUE}),
        (path("snooze"), {"until": "2026-05-12T21:00:01Z"}),
        (path("dismiss"), {}),
        (path("done"), {}),
    ):
        assert ingest.operate(where, body, **key).status_code == 422
    assert len(ingest.events()) == 1


@pytest.mark.parametrize("where", [SET, path("snooze"), path("dismiss"), path("done")])
def test_what_is_no_json_or_too_large_is_refused(ingest: Ingest, where: str) -> None:
    headers = {**ingest.headers, "Content-Type": "application/json", **OPERATOR}
    assert ingest.client.post(where, headers=headers, content=b"Zzyzx").status_code == 400
    assert ingest.operate(where, {"note": "z" * 300_000}).status_code == 413
    assert ingest.events() == []
