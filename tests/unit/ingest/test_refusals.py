"""Every wrong input: the field is named, nothing reaches the log, and the posted value never comes back."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from ingest import examples
from tests.unit.ingest.conftest import BEARER, Ingest, call

LOUD = "Zoë-Zzyzx"
MARK = b"zzyzx"
LEAD = examples.LEADS["household"]
GUARDIAN = {"guardian_id": "g1"}


def with_guardian(**more: Any) -> dict[str, Any]:
    return {**LEAD, "guardians": [{**GUARDIAN, **more}]}


def with_child(**more: Any) -> dict[str, Any]:
    return {**LEAD, "children": [{"child_id": "c1", **more}]}


def missing(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


INTERACTIONS = [
    *(
        (missing(call(), name), name)
        for name in ("lead_id", "channel", "direction", "outcome", "occurred_at")
    ),
    (call(lead_id=LOUD), "lead_id"),
    (call(lead_id=f"{LOUD}@example.org"), "lead_id"),
    (call(lead_id="zzyzx@example.org"), "lead_id"),
    (call(lead_id="+1-312-555-0142"), "lead_id"),
    (call(lead_id="312.555.0142"), "lead_id"),
    (call(lead_id="tel13125550142"), "lead_id"),
    (call(lead_id="5550142"), "lead_id"),
    (call(lead_id="!tick"), "lead_id"),
    (call(lead_id=""), "lead_id"),
    (call(lead_id="x" * 65), "lead_id"),
    (call(lead_id=" lead-ada"), "lead_id"),
    (call(lead_id="lead-ada\n"), "lead_id"),
    (call(lead_id=3125550142), "lead_id"),
    (call(lead_id=None), "lead_id"),
    (call(channel=LOUD), "channel"),
    (call(channel=["voice"]), "channel"),
    (call(direction=LOUD), "direction"),
    (call(outcome=LOUD), "outcome"),
    (call(occurred_at=LOUD), "occurred_at"),
    (call(occurred_at=1_777_777_777), "occurred_at"),
    (call(occurred_at="2026-05-05"), "occurred_at"),
    (call(occurred_at="2026-05-05T12:00:00"), "occurred_at"),
    (call(occurred_at="2026-05-05T18:05:01Z"), "occurred_at"),
    (call(occurred_at="1999-12-31T23:59:59Z"), "occurred_at"),
    (call(occurred_at="0001-01-01T00:00:00+14:00"), "occurred_at"),
    (call(occurred_at="9999-12-31T23:59:59-14:00"), "occurred_at"),
    (call(id=LOUD), "id"),
    (call(id=7), "id"),
    (call(id="zzyzxzzyzxzzyzxzzyzxzzyzxzzyzxzzyzxzzyzx"), "id"),
    (call(transcript=3_125_550_142), "transcript"),
    (call(transcript=[LOUD]), "transcript"),
    (call(transcript="z" * 200_001), "transcript"),
    (call(duration_s=-1), "duration_s"),
    (call(duration_s=86_401), "duration_s"),
    (call(duration_s=12.5), "duration_s"),
    (call(duration_s="12"), "duration_s"),
    (call(duration_s=True), "duration_s"),
    (call(external_ref=LOUD * 50), "external_ref"),
    (call(external_ref=""), "external_ref"),
    (call(decision_id=LOUD), "decision_id"),
    (call(guardian_id=LOUD), "guardian_id"),
    (call(guardian_id="3125550142"), "guardian_id"),
    (call(recorded_at="2026-05-05T12:00:00Z"), "recorded_at"),
    (call(zzyzx=1), None),
    (call(**{"+13125550142": 1}), "(unknown)"),
    (call(**{LOUD: 1}), "(unknown)"),
    ([call()], "body"),
    (LOUD, "body"),
]
LEADS = [
    (missing(LEAD, "lead_id"), "lead_id"),
    (missing(LEAD, "time_zone"), "time_zone"),
    ({**LEAD, "lead_id": "3125550142"}, "lead_id"),
    ({**LEAD, "time_zone": LOUD}, "time_zone"),
    ({**LEAD, "time_zone": "CDT"}, "time_zone"),
    ({**LEAD, "time_zone": "z" * 65}, "time_zone"),
    ({**LEAD, "status": "enrolled"}, "status"),
    ({**LEAD, "campaign_goal": LOUD * 1_000}, "campaign_goal"),
    ({**LEAD, "occurred_at": "2026-05-05T18:05:01Z"}, "occurred_at"),
    ({**LEAD, "guardians": LOUD}, "guardians"),
    ({**LEAD, "guardians": [LOUD]}, "guardians[0]"),
    ({**LEAD, "guardians": [GUARDIAN, GUARDIAN]}, "guardians"),
    ({**LEAD, "guardians": [{"guardian_id": f"g{n}"} for n in range(21)]}, "guardians"),
    ({**LEAD, "children": [{"child_id": "c1"}] * 2}, "children"),
    (with_guardian(guardian_id="zzyzx@example.org"), "guardians[0].guardian_id"),
    (with_guardian(guardian_id="312-555-0142"), "guardians[0].guardian_id"),
    (with_guardian(name=LOUD * 100), "guardians[0].name"),
    (with_guardian(name=7), "guardians[0].name"),
    (with_guardian(phone=LOUD * 9), "guardians[0].phone"),
    (with_guardian(phone=3_125_550_142), "guardians[0].phone"),
    (with_guardian(email=LOUD * 40), "guardians[0].email"),
    (with_guardian(consent=LOUD), "guardians[0].consent"),
    (with_guardian(address=LOUD), "guardians[0].address"),
    (with_child(child_id=LOUD), "children[0].child_id"),
    (with_child(age=-1), "children[0].age"),
    (with_child(age=26), "children[0].age"),
    (with_child(age=LOUD), "children[0].age"),
    (with_child(programme=[LOUD]), "children[0].programme"),
]


FIELDS = [
    "lead_id",
    "channel",
    "occurred_at",
    "id",
    "transcript",
    "duration_s",
    "external_ref",
    "guardian_id",
]


def assert_refused(ingest: Ingest, path: str, body: Any, field: str | None) -> None:
    response = ingest.post(path, body)
    assert response.status_code == 422, response.text
    if field is not None:
        assert field in {error["field"] for error in response.json()["errors"]}
        assert MARK not in response.content.lower()
        for secret in ("3125550142", "312-555", "312.555", "555-0142"):
            assert secret not in response.text
    assert ingest.events() == []
    assert ingest.keys.table == {}


@pytest.mark.parametrize(("body", "field"), INTERACTIONS)
def test_a_wrong_interaction_is_refused(ingest: Ingest, body: Any, field: str | None) -> None:
    assert_refused(ingest, "/api/interactions", body, field)


@pytest.mark.parametrize(("body", "field"), LEADS)
def test_a_wrong_lead_is_refused(ingest: Ingest, body: Any, field: str) -> None:
    assert_refused(ingest, "/api/leads", body, field)


@given(name=st.sampled_from(FIELDS), data=st.data())
@given_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_posted_value_ever_comes_back(ingest: Ingest, name: str, data: st.DataObject) -> None:
    mark = f"q{data.draw(st.integers(10**9, 10**10))}"
    value = data.draw(
        st.sampled_from([mark * 40_000, [mark], {mark: mark}, f"{mark}@example.org", f"2026-{mark}"])
    )
    response = ingest.post("/api/interactions", call(**{name: value}))
    assert mark not in response.text


@pytest.mark.parametrize("path", ["/api/interactions", "/api/interactions/batch"])
@pytest.mark.parametrize(
    "text",
    [
        *('{"lead_id": Zzyzx', "Zzyzx", "", '{"lead_id": "\\ud800Zzyzx"}', "\xff\xfe", "[" * 5_000),
        '[{"lead_id": "lead-ada", "Zzyzx": 1, "Zzyzx": 2}]',
        '{"lead_id": "lead-ada", "lead_id": "Zzyzx"}',
        f'[{{"duration_s": {"9" * 5_000}}}]',
    ],
)
def test_what_is_no_json_or_means_two_things_is_malformed(ingest: Ingest, path: str, text: str) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    response = ingest.client.post(path, headers=headers, content=text.encode("latin-1"))
    assert response.status_code == 400
    assert MARK not in response.content.lower()
    assert ingest.events() == []


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 4_000, "1.5", "-0"])
def test_an_absurd_number_is_refused_by_its_field(ingest: Ingest, number: str) -> None:
    body = json.dumps(call(duration_s=7)).replace(": 7", f": {number}").encode()
    headers = {**BEARER, "Content-Type": "application/json"}
    response = ingest.client.post("/api/interactions", headers=headers, content=body)
    assert (response.status_code, number) == (202 if number == "-0" else 422, number)


@pytest.mark.parametrize("path", ["/api/interactions", "/api/leads"])
def test_token_scope_kind_and_size_are_checked_first(ingest: Ingest, path: str) -> None:
    loud = call(transcript=LOUD)
    for headers, status in (
        ({}, 401),
        ({"Authorization": f"{BEARER['Authorization']}-of-a-reader"}, 403),
        ({**BEARER, "Content-Type": "text/plain"}, 415),
        ({**BEARER, "Host": "zzyzx.example"}, 421),
    ):
        kind = {"Content-Type": "application/json"}
        response = ingest.client.post(path, headers={**kind, **headers}, content=json.dumps(loud).encode())
        assert response.status_code == status
        assert MARK not in response.content.lower()
    assert ingest.post(path, call(transcript=LOUD * 40_000)).status_code == 413
    assert ingest.events() == []


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_wrong_idempotency_key_is_refused(ingest: Ingest, key: str) -> None:
    response = ingest.post("/api/interactions", call(), **{"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_clocks_may_differ_by_five_minutes(ingest: Ingest) -> None:
    assert ingest.post("/api/interactions", call(occurred_at="2026-05-05T18:05:00Z")).status_code == 202


@pytest.mark.parametrize(
    "lead_id",
    [
        "lead-ada",
        "L-24-017",
        "550e8400-e29b-41d4-a716-446655440000",
        "12345678-1234-1234-1234-123456789012",
        "a",
        "7",
    ],
)
def test_opaque_ids_pass(ingest: Ingest, lead_id: str) -> None:
    assert ingest.post("/api/interactions", call(lead_id=lead_id)).status_code == 202
