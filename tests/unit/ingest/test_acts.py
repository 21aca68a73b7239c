"""What the academy's records and the operators tell: what each body becomes on the log."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.acts import AttendanceTold, ConsentTold, EnrolmentTold, PaymentTold, StatusTold
from domain.events import Sealed
from domain.vocabulary import Consent, Payment, Status, Told
from ingest import examples
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, OPERATOR, Ingest

RECORDED = NOW.replace(microsecond=123_000)
CORRECT, STATUS = "/api/leads/lead-ada/consent/correct", "/api/leads/lead-ada/status"
SAID = "Zoë-Zzyzx said so"
EXAMPLES = [
    *(("/api/consent", body) for body in examples.CONSENTS.values()),
    *(("/api/enrolments", body) for body in examples.ENROLMENTS.values()),
    *(("/api/attendance", body) for body in examples.SESSIONS.values()),
    *(("/api/payments", body) for body in examples.PAYMENTS.values()),
    *((CORRECT, body) for body in examples.CORRECTIONS.values()),
    *((STATUS, body) for body in examples.STATUSES.values()),
]


def told(ingest: Ingest, path: str, body: Any) -> Any:
    response = ingest.operate(path, body) if path in (CORRECT, STATUS) else ingest.post(path, body)
    assert response.status_code == 202, response.text
    (event,) = ingest.events()
    ((key, value, headers),) = ingest.outlet.records()
    assert key == event.lead_id
    assert response.json()["event_id"] == event.event_id
    assert dict(headers)["event-id"] == event.event_id.encode()
    assert b"zzyzx" not in value.lower()
    return event


def said(ingest: Ingest, event: Any, field: str = "reason") -> str:
    """The field's words, as the household's key alone opens them."""
    key, sealed = ingest.keys.table["lead-ada"], getattr(event, field)
    assert key
    assert isinstance(sealed, Sealed)
    assert set(ingest.keys.table) == {"lead-ada"}
    return unseal(key, field, sealed)


@pytest.mark.parametrize(("path", "body"), EXAMPLES)
def test_every_example_of_the_document_is_accepted(ingest: Ingest, path: str, body: Any) -> None:
    told(ingest, path, body)


def test_s1_a_consent_is_told_with_who_told_it(ingest: Ingest) -> None:
    body = {
        "lead_id": "lead-ada",
        "guardian_id": "g2",
        "consent": "opted_out",
        "occurred_at": "2026-05-04T10:00:00-05:00",
        "reason": f"  {SAID}\n",
    }
    event = told(ingest, "/api/consent/", body)
    assert event == ConsentTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=datetime(2026, 5, 4, 15, tzinfo=UTC),
        guardian_id="g2",
        consent=Consent.OPTED_OUT,
        false_detection=False,
        reason=event.reason,
        actor="crm",
        body_hash=event.body_hash,
    )
    assert said(ingest, event) == SAID


def test_s1_a_consent_needs_no_guardian_reason_or_time(ingest: Ingest) -> None:
    event = told(ingest, "/api/consent", {"lead_id": "lead-ada", "consent": "contactable"})
    assert (event.consent, event.guardian_id, event.reason) == (Consent.CONTACTABLE, None, None)
    assert event.occurred_at == RECORDED


def test_s1_a_correction_says_that_the_refusal_was_misread(ingest: Ingest) -> None:
    event = told(ingest, CORRECT, {"guardian_id": "g2", "reason": SAID})
    assert event == ConsentTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=RECORDED,
        guardian_id="g2",
        consent=Consent.CONTACTABLE,
        false_detection=True,
        reason=event.reason,
        actor="front-desk",
        body_hash=event.body_hash,
    )
    assert said(ingest, event) == SAID


def test_s3_an_enrolment_is_told(ingest: Ingest) -> None:
    body = {"lead_id": "lead-ada", "child_id": "c1", "external_ref": SAID}
    event = told(ingest, "/api/enrolments", body)
    assert event == EnrolmentTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=RECORDED,
        child_id="c1",
        external_ref=event.external_ref,
        body_hash=event.body_hash,
    )
    assert said(ingest, event, "external_ref") == SAID


@pytest.mark.parametrize("attended", [True, False])
def test_s3_a_session_is_told_with_its_day(ingest: Ingest, attended: bool) -> None:
    body = {"lead_id": "lead-ada", "child_id": "c1", "attended": attended, "external_ref": SAID}
    event = told(ingest, "/api/attendance", {**body, "occurred_at": "2026-05-04T10:00:00-05:00"})
    assert event == AttendanceTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=datetime(2026, 5, 4, 15, tzinfo=UTC),
        child_id="c1",
        attended=attended,
        external_ref=event.external_ref,
        body_hash=event.body_hash,
    )
    assert said(ingest, event, "external_ref") == SAID


@pytest.mark.parametrize("outcome", Payment)
def test_s3_a_payment_is_told_with_its_day(ingest: Ingest, outcome: Payment) -> None:
    body = {"lead_id": "lead-ada", "outcome": outcome.value, "external_ref": SAID}
    event = told(ingest, "/api/payments", {**body, "occurred_at": "2026-05-04T10:00:00-05:00"})
    assert event == PaymentTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=datetime(2026, 5, 4, 15, tzinfo=UTC),
        outcome=outcome,
        external_ref=event.external_ref,
        body_hash=event.body_hash,
    )
    assert said(ingest, event, "external_ref") == SAID


@pytest.mark.parametrize("kind", Told)
def test_s5_a_status_is_told_as_seen_or_as_misread(ingest: Ingest, kind: Told) -> None:
    body = {"status": "trial", "kind": kind.value, "reason": SAID, "occurred_at": "2026-05-04T10:00:00Z"}
    event = told(ingest, STATUS, body)
    assert event == StatusTold(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=RECORDED,
        occurred_at=datetime(2026, 5, 4, 10, tzinfo=UTC),
        status=Status.TRIAL,
        kind=kind,
        reason=event.reason,
        actor="front-desk",
        body_hash=event.body_hash,
    )
    assert said(ingest, event) == SAID


@pytest.mark.parametrize(("path", "body"), EXAMPLES)
def test_a_repeated_key_is_one_event_and_another_body_is_refused(
    ingest: Ingest, path: str, body: dict[str, Any]
) -> None:
    who = OPERATOR if path in (CORRECT, STATUS) else {}
    key = {"Idempotency-Key": "k1", **who}
    first = ingest.post(path, body, **key)
    assert first.status_code == 202
    assert ingest.post(path, body, **key).json() == first.json()
    other = ingest.post(path, {**body, "occurred_at": "2026-05-01T08:00:00Z"}, **key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(ingest.events()) == 1


def test_one_key_under_two_addresses_is_refused(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "k1"}
    assert ingest.operate(STATUS, examples.STATUSES["misread"], **key).status_code == 202
    assert ingest.operate(CORRECT, examples.CORRECTIONS["misread"], **key).status_code == 422
    other_lead = "/api/leads/lead-grace/status"
    assert ingest.operate(other_lead, examples.STATUSES["misread"], **key).status_code == 422


def test_a_trace_is_passed_on(ingest: Ingest) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ingest.post("/api/enrolments", {"lead_id": "lead-ada"}, traceparent=trace)
    ((_, _, headers),) = ingest.outlet.records()
    assert dict(headers)["traceparent"] == trace.encode()


@pytest.mark.parametrize(("path", "body"), EXAMPLES)
def test_an_erased_family_is_gone(ingest: Ingest, path: str, body: dict[str, Any]) -> None:
    for lead_id in ("lead-ada", "lead-grace"):
        ingest.keys.destroy(lead_id)
    response = ingest.post(path, body, **(OPERATOR if path in (CORRECT, STATUS) else {}))
    assert response.status_code == 410
    assert ingest.events() == []


@pytest.mark.parametrize(("path", "body"), EXAMPLES)
def test_without_kafka_or_keys_nothing_is_taken(ingest: Ingest, path: str, body: dict[str, Any]) -> None:
    who = OPERATOR if path in (CORRECT, STATUS) else {}
    ingest.outlet.away = True
    unsure = ingest.post(path, body, **who)
    assert (unsure.status_code, unsure.headers["retry-after"]) == (503, "2")
    assert unsure.json()["event_id"]
    ingest.keys.away, ingest.outlet.away = True, False
    ingest.keys.memory.clear()
    away = ingest.post(path, body, **who)
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert ingest.events() == []
