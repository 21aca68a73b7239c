"""Every wrong act: the field is named, nothing reaches the log, and the posted value never comes back."""

from typing import Any

import pytest

from domain.actions import ACTIONS
from ingest.decisions import Found
from tests.unit.ingest.conftest import OPERATOR, Ingest

LOUD = "Zoë-Zzyzx"
DECISION = "5b9602f9-5118-80a5-aced-2df8749dd57e"
CONSENT: dict[str, Any] = {"lead_id": "lead-ada", "consent": "contactable"}
ENROLMENT: dict[str, Any] = {"lead_id": "lead-ada"}
DAY = "2026-05-04T15:00:00Z"
SESSION: dict[str, Any] = {"lead_id": "lead-ada", "attended": True, "occurred_at": DAY}
PAYMENT: dict[str, Any] = {"lead_id": "lead-ada", "outcome": "missed", "occurred_at": DAY}
CORRECTION: dict[str, Any] = {"reason": "Misread"}
STATUS: dict[str, Any] = {"status": "trial", "kind": "observed", "reason": "Seen"}
WHOLE: dict[str, dict[str, Any]] = {
    "/api/consent": CONSENT,
    "/api/enrolments": ENROLMENT,
    "/api/attendance": SESSION,
    "/api/payments": PAYMENT,
    "/api/leads/lead-ada/consent/correct": CORRECTION,
    "/api/leads/lead-ada/status": STATUS,
    f"/api/decisions/{DECISION}/reject": CORRECTION,
    f"/api/decisions/{DECISION}/accept": {},
    f"/api/decisions/{DECISION}/executed": {"action": "info_send"},
}
BY_SYSTEMS = CONSENT_AT, ENROLMENT_AT, SESSION_AT, PAYMENT_AT = tuple(WHOLE)[:4]
CORRECT_AT, STATUS_AT, REJECT_AT, ACCEPT_AT, EXECUTED_AT = tuple(WHOLE)[4:]


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


EVERYWHERE: list[tuple[dict[str, Any], str]] = [
    ({"id": LOUD}, "id"),
    ({"id": 7}, "id"),
    ({"occurred_at": LOUD}, "occurred_at"),
    ({"occurred_at": 1_777_777_777}, "occurred_at"),
    ({"occurred_at": "2026-05-05T12:00:00"}, "occurred_at"),
    ({"occurred_at": "2026-05-05T18:05:01Z"}, "occurred_at"),
    ({"occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at"),
    ({"recorded_at": "2026-05-05T12:00:00Z"}, "recorded_at"),
    ({"actor": LOUD}, "actor"),
    ({LOUD: 1}, "(unknown)"),
    ({"+13125550142": 1}, "(unknown)"),
]
OWN: list[tuple[str, Any, str]] = [
    (CONSENT_AT, {"consent": "contactable"}, "lead_id"),
    (CONSENT_AT, {**CONSENT, "lead_id": "3125550142"}, "lead_id"),
    (CONSENT_AT, {**CONSENT, "lead_id": "zzyzx@example.org"}, "lead_id"),
    (CONSENT_AT, {**CONSENT, "guardian_id": "312-555-0142"}, "guardian_id"),
    (CONSENT_AT, {"lead_id": "lead-ada"}, "consent"),
    (CONSENT_AT, {**CONSENT, "consent": "held"}, "consent"),
    (CONSENT_AT, {**CONSENT, "consent": LOUD}, "consent"),
    (CONSENT_AT, {**CONSENT, "consent": True}, "consent"),
    (CONSENT_AT, {**CONSENT, "false_detection": True}, "false_detection"),
    (CONSENT_AT, {**CONSENT, "reason": LOUD * 300}, "reason"),
    (CONSENT_AT, {**CONSENT, "reason": ""}, "reason"),
    (ENROLMENT_AT, {}, "lead_id"),
    (ENROLMENT_AT, {"lead_id": "+1-312-555-0142"}, "lead_id"),
    (ENROLMENT_AT, {**ENROLMENT, "child_id": "3125550142"}, "child_id"),
    (ENROLMENT_AT, {**ENROLMENT, "external_ref": ""}, "external_ref"),
    (ENROLMENT_AT, {**ENROLMENT, "external_ref": 7}, "external_ref"),
    (ENROLMENT_AT, {**ENROLMENT, "external_ref": LOUD * 50}, "external_ref"),
    *((SESSION_AT, without(SESSION, name), name) for name in SESSION),
    (SESSION_AT, {**SESSION, "lead_id": "+1-312-555-0142"}, "lead_id"),
    (SESSION_AT, {**SESSION, "child_id": "3125550142"}, "child_id"),
    (SESSION_AT, {**SESSION, "attended": LOUD}, "attended"),
    (SESSION_AT, {**SESSION, "attended": "yes"}, "attended"),
    (SESSION_AT, {**SESSION, "attended": 1}, "attended"),
    (SESSION_AT, {**SESSION, "attended": None}, "attended"),
    (SESSION_AT, {**SESSION, "occurred_at": None}, "occurred_at"),
    (SESSION_AT, {**SESSION, "external_ref": LOUD * 50}, "external_ref"),
    (SESSION_AT, {**SESSION, "outcome": "missed"}, "outcome"),
    *((PAYMENT_AT, without(PAYMENT, name), name) for name in PAYMENT),
    (PAYMENT_AT, {**PAYMENT, "lead_id": "3125550142"}, "lead_id"),
    (PAYMENT_AT, {**PAYMENT, "outcome": LOUD}, "outcome"),
    (PAYMENT_AT, {**PAYMENT, "outcome": "late"}, "outcome"),
    (PAYMENT_AT, {**PAYMENT, "outcome": False}, "outcome"),
    (PAYMENT_AT, {**PAYMENT, "occurred_at": None}, "occurred_at"),
    (PAYMENT_AT, {**PAYMENT, "external_ref": ""}, "external_ref"),
    (PAYMENT_AT, {**PAYMENT, "amount": 60}, "amount"),
    (PAYMENT_AT, {**PAYMENT, "child_id": "c1"}, "child_id"),
    (CORRECT_AT, {}, "reason"),
    (CORRECT_AT, {"reason": " \n"}, "reason"),
    (CORRECT_AT, {"reason": None}, "reason"),
    (CORRECT_AT, {**CORRECTION, "guardian_id": "zzyzx@example.org"}, "guardian_id"),
    (CORRECT_AT, {**CORRECTION, "consent": "opted_out"}, "consent"),
    (CORRECT_AT, {**CORRECTION, "lead_id": "lead-ada"}, "lead_id"),
    (STATUS_AT, {"kind": "observed", "reason": "Seen"}, "status"),
    (STATUS_AT, {"status": "trial", "reason": "Seen"}, "kind"),
    (STATUS_AT, {"status": "trial", "kind": "observed"}, "reason"),
    (STATUS_AT, {**STATUS, "status": LOUD}, "status"),
    (STATUS_AT, {**STATUS, "kind": LOUD}, "kind"),
    (STATUS_AT, {**STATUS, "reason": [LOUD]}, "reason"),
    (REJECT_AT, {}, "reason"),
    (REJECT_AT, {"reason": "  "}, "reason"),
    (REJECT_AT, {"reason": LOUD * 300}, "reason"),
    (REJECT_AT, {"reason": "No", "note": 7}, "note"),
    (REJECT_AT, {"reason": "No", "action": "info_send"}, "action"),
    (ACCEPT_AT, {"reason": LOUD}, "reason"),
    (ACCEPT_AT, {"note": ""}, "note"),
    (EXECUTED_AT, {}, "action"),
    (EXECUTED_AT, {"action": LOUD}, "action"),
    (EXECUTED_AT, {"action": None}, "action"),
    (EXECUTED_AT, {"action": "info_send", "reason": LOUD}, "reason"),
    *((at, [whole], "body") for at, whole in WHOLE.items()),
    *((at, {**whole, **more}, field) for at, whole in WHOLE.items() for more, field in EVERYWHERE),
]


@pytest.mark.parametrize(("path", "body", "field"), OWN)
def test_a_wrong_act_is_refused(ingest: Ingest, path: str, body: Any, field: str) -> None:
    ingest.decisions.view[DECISION] = Found("lead-ada")
    response = ingest.post(path, body, **({} if path in BY_SYSTEMS else OPERATOR))
    assert response.status_code == 422, response.text
    assert field in {error["field"] for error in response.json()["errors"]}
    assert b"zzyzx" not in response.content.lower()
    assert "5550142" not in response.text
    assert "555-0142" not in response.text
    assert ingest.events() == []
    assert ingest.keys.table == {}


def test_the_actions_that_there_are_are_listed(ingest: Ingest) -> None:
    ingest.decisions.view[DECISION] = Found("lead-ada")
    (error,) = ingest.operate(EXECUTED_AT, {"action": LOUD}).json()["errors"]
    assert error == {"field": "action", "message": f"must be one of {', '.join(ACTIONS)}"}


@pytest.mark.parametrize("path", [path for path in WHOLE if path.startswith("/api/leads")])
def test_a_path_that_names_nobody_is_refused(ingest: Ingest, path: str) -> None:
    response = ingest.operate(path.replace("lead-ada", "3125550142"), WHOLE[path])
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["lead_id"]
    assert "3125550142" not in response.text
    assert ingest.events() == []


@pytest.mark.parametrize("path", WHOLE)
def test_what_is_no_json_or_too_large_is_refused(ingest: Ingest, path: str) -> None:
    who = {} if path in BY_SYSTEMS else OPERATOR
    headers = {**ingest.headers, "Content-Type": "application/json", **who}
    assert ingest.client.post(path, headers=headers, content=b"Zzyzx").status_code == 400
    assert ingest.post(path, {"note": "z" * 300_000}, **who).status_code == 413
    assert ingest.events() == []
