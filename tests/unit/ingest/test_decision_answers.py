"""An operator's word on a decision: whose it is, what is told, and when it is too late."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.actions import ACTIONS
from domain.acts import DecisionAnswered
from domain.vocabulary import OperatorAnswer
from ingest import examples
from ingest.decisions import Found
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, Ingest

DECISION, OTHER = "5b9602f9-5118-80a5-aced-2df8749dd57e", "b4eb164d-56b9-883f-b4b2-d62409793eb1"
ANSWERS = [
    ("reject", {"reason": "Zzyzx"}),
    ("accept", {}),
    ("executed", {"action": "info_send"}),
]
EXAMPLES = [
    *(("reject", body) for body in examples.REJECTIONS.values()),
    *(("accept", body) for body in examples.ACCEPTANCES.values()),
    *(("executed", body) for body in examples.EXECUTIONS.values()),
]


def path(answer: str, decision_id: str = DECISION) -> str:
    return f"/api/decisions/{decision_id}/{answer}"


@pytest.fixture(autouse=True)
def _view(ingest: Ingest) -> None:
    ingest.decisions.view = {DECISION: Found("lead-ada"), OTHER: Found("lead-grace")}


def answered(ingest: Ingest, answer: str, body: Any) -> DecisionAnswered:
    response = ingest.operate(path(answer), body)
    assert response.status_code == 202, response.text
    (event,) = ingest.events()
    assert isinstance(event, DecisionAnswered)
    assert response.json()["event_id"] == event.event_id
    return event


@pytest.mark.parametrize(("answer", "body"), EXAMPLES)
def test_every_example_of_the_document_is_accepted(ingest: Ingest, answer: str, body: Any) -> None:
    answered(ingest, answer, body)


def test_s5_a_rejection_is_told_to_the_household_of_its_decision(ingest: Ingest) -> None:
    event = answered(ingest, "reject/", {"reason": "Zzyzx, no calls", "note": "Zzyzx, ask Kim"})
    assert event == DecisionAnswered(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=NOW.replace(microsecond=123_000),
        occurred_at=NOW.replace(microsecond=123_000),
        decision_id=DECISION,
        answer=OperatorAnswer.REJECTED,
        action=None,
        reason=event.reason,
        note=event.note,
        actor="front-desk",
        body_hash=event.body_hash,
    )
    key = ingest.keys.table["lead-ada"]
    assert key
    assert event.reason
    assert event.note
    assert unseal(key, "reason", event.reason) == "Zzyzx, no calls"
    assert unseal(key, "note", event.note) == "Zzyzx, ask Kim"
    ((placed, value, headers),) = ingest.outlet.records()
    assert (placed, dict(headers)["event-type"]) == ("lead-ada", b"decision-answered")
    assert b"Zzyzx" not in value


def test_s5_an_acceptance_is_told(ingest: Ingest) -> None:
    event = answered(ingest, "accept", {})
    assert (event.answer, event.action) == (OperatorAnswer.ACCEPTED, None)
    assert (event.reason, event.note) == (None, None)


@pytest.mark.parametrize("action", ACTIONS)
def test_s5_what_was_executed_is_told_with_its_time(ingest: Ingest, action: str) -> None:
    event = answered(ingest, "executed", {"action": action, "occurred_at": "2026-05-05T12:00:00Z"})
    assert (event.answer, event.action) == (OperatorAnswer.EXECUTED, action)
    assert event.occurred_at == datetime(2026, 5, 5, 12, tzinfo=UTC)
    assert event.reason is None


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_each_decision_is_answered_to_its_own_household(ingest: Ingest, answer: str, body: Any) -> None:
    for decision_id in (OTHER, DECISION.upper()):
        assert ingest.operate(path(answer, decision_id), body).status_code == 202
    told = {(event.lead_id, event.decision_id) for event in ingest.events()}
    assert told == {("lead-grace", OTHER), ("lead-ada", DECISION)}
    assert {key for key, _, _ in ingest.outlet.records()} == {"lead-ada", "lead-grace"}


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
@pytest.mark.parametrize("unknown", ["00000000-0000-8000-8000-000000000000", "zzyzx", "%00", "1"])
def test_an_unknown_decision_is_not_found(ingest: Ingest, answer: str, body: Any, unknown: str) -> None:
    response = ingest.operate(path(answer, unknown), body)
    assert (response.status_code, response.json()["type"]) == (404, "urn:academy:problem:not-found")
    assert "zzyzx" not in response.text
    assert ingest.events() == []
    assert ingest.keys.table == {}


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_a_superseded_decision_and_a_verdict_are_refused(ingest: Ingest, answer: str, body: Any) -> None:
    ingest.decisions.view[DECISION] = Found("lead-ada", superseded=True)
    ingest.decisions.view[OTHER] = Found("lead-grace", is_decision=False)
    for decision_id, kind in ((DECISION, "superseded"), (OTHER, "no-decision")):
        response = ingest.operate(path(answer, decision_id), body)
        assert (response.status_code, response.json()["type"]) == (409, f"urn:academy:problem:{kind}")
    assert ingest.events() == []


@pytest.mark.parametrize(("answer", "body"), ANSWERS)
def test_without_postgres_nothing_is_taken(ingest: Ingest, answer: str, body: Any) -> None:
    ingest.decisions.away = True
    response = ingest.operate(path(answer), body)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert ingest.events() == []


def test_a_retry_is_not_too_late_for_what_it_brought_about_itself(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ingest.operate(path("reject"), {"reason": "No"}, **key)
    ingest.decisions.view[DECISION] = Found("lead-ada", superseded=True)
    assert ingest.operate(path("reject"), {"reason": "No"}, **key).json() == first.json()
    assert ingest.operate(path("reject"), {"reason": "No"}).status_code == 409
    assert len(ingest.events()) == 1


def test_a_retry_at_another_copy_is_the_same_event(ingest: Ingest) -> None:
    event_id = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
    ingest.decisions.view[DECISION] = Found("lead-ada", superseded=True)
    ingest.decisions.events.add(("lead-ada", event_id))
    response = ingest.operate(path("accept"), {"id": event_id})
    assert (response.status_code, response.json()["event_id"]) == (202, event_id)


def test_one_key_stands_for_one_answer_to_one_decision(ingest: Ingest) -> None:
    ingest.decisions.view[OTHER] = Found("lead-ada")
    key = {"Idempotency-Key": "k1"}
    assert ingest.operate(path("accept"), {"note": "Kim"}, **key).status_code == 202
    for where, body in (
        (path("accept"), {"note": "Lee"}),
        (path("accept", OTHER), {"note": "Kim"}),
        (path("executed"), {"note": "Kim", "action": "info_send"}),
    ):
        response = ingest.operate(where, body, **key)
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(ingest.events()) == 1
