"""PATCH /api/leads/{lead_id}: what is given replaces, what is absent stays."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.events import Child, LeadPatched, Sealed
from domain.vocabulary import Consent
from ingest import examples
from runtime.keys import child, guardian
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, Ingest

PATH = "/api/leads/lead-ada"
LOUD = "Zoë-Zzyzx"
GUARDIAN = {"guardian_id": "g1", "phone": "+1 312 555 0142"}


def only(ingest: Ingest) -> LeadPatched:
    (event,) = ingest.events()
    assert isinstance(event, LeadPatched)
    return event


def patched(ingest: Ingest, body: Any) -> LeadPatched:
    response = ingest.patch(PATH, body)
    assert response.status_code == 202, response.text
    return only(ingest)


def opened(ingest: Ingest, subject: str, field: str, sealed: Sealed | None) -> str:
    key = ingest.keys.table[subject]
    assert key
    assert sealed
    return unseal(key, field, sealed)


@pytest.mark.parametrize("body", examples.PATCHES.values(), ids=list(examples.PATCHES))
def test_every_example_of_the_document_is_accepted(ingest: Ingest, body: dict[str, Any]) -> None:
    assert ingest.patch(PATH, body).status_code == 202


def test_only_what_is_given_is_named(ingest: Ingest) -> None:
    event = patched(ingest, {"time_zone": "Europe/Berlin"})
    assert event == LeadPatched(
        event_id=event.event_id,
        lead_id="lead-ada",
        recorded_at=NOW.replace(microsecond=123_000),
        occurred_at=NOW.replace(microsecond=123_000),
        given=("time_zone",),
        guardians=(),
        children=(),
        time_zone="Europe/Berlin",
        campaign_goal=None,
        body_hash=event.body_hash,
    )
    ((key, _, headers),) = ingest.outlet.records()
    assert (key, dict(headers)["event-type"]) == ("lead-ada", b"lead-patched")


def test_s2_people_are_replaced_as_a_whole_each_under_their_own_key(ingest: Ingest) -> None:
    body = {
        "occurred_at": "2026-05-04T10:00:00-05:00",
        "children": [{"child_id": "c2", "name": "Mia", "age": 6}],
        "guardians": [{**GUARDIAN, "consent": "opted_out"}],
    }
    event = patched(ingest, body)
    assert event.given == ("guardians", "children")
    assert event.occurred_at == datetime(2026, 5, 4, 15, tzinfo=UTC)
    (adult,), (kid,) = event.guardians, event.children
    assert (adult.guardian_id, adult.name, adult.consent) == ("g1", None, Consent.OPTED_OUT)
    assert opened(ingest, guardian("lead-ada", "g1"), "phone", adult.phone) == "+1 312 555 0142"
    assert kid == Child("c2", kid.name, 6, None)
    assert opened(ingest, child("lead-ada", "c2"), "name", kid.name) == "Mia"
    ((_, value, _),) = ingest.outlet.records()
    assert b"Mia" not in value
    assert b"555" not in value


def test_an_empty_list_is_given_and_an_absent_one_is_not(ingest: Ingest) -> None:
    assert patched(ingest, {"children": []}).given == ("children",)


def test_a_goal_is_sealed_and_null_clears_it(ingest: Ingest) -> None:
    event = patched(ingest, {"campaign_goal": "Summer camp"})
    assert opened(ingest, "lead-ada", "campaign_goal", event.campaign_goal) == "Summer camp"
    ingest.patch(PATH, {"campaign_goal": None, "time_zone": "Europe/Berlin"})
    cleared = ingest.events()[1]
    assert (cleared.given, cleared.campaign_goal) == (("time_zone", "campaign_goal"), None)


def test_a_cleared_goal_and_an_untouched_one_are_two_bodies(ingest: Ingest) -> None:
    event_id, zone = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42", {"time_zone": "Europe/Berlin"}
    for body in (zone, zone, {**zone, "campaign_goal": None}, {**zone, "children": []}):
        assert ingest.patch(f"{PATH}/", {**body, "id": event_id}).json()["event_id"] == event_id
    first, again, cleared, childless = (event.body_hash for event in ingest.events())
    assert first == again
    assert len({first, cleared, childless}) == 3


def test_a_repeated_key_is_one_event_and_another_body_is_refused(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ingest.patch(PATH, {"campaign_goal": "Camp"}, **key)
    assert ingest.patch(PATH, {"campaign_goal": "Camp"}, **key).json() == first.json()
    other = ingest.patch(PATH, {"campaign_goal": None}, **key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(ingest.events()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"id": "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42", "occurred_at": "2026-05-04T10:00:00Z"}, "body"),
        ({"time_zone": None}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": LOUD}, "time_zone"),
        ({"guardians": None}, "guardians"),
        ({"guardians": [GUARDIAN, GUARDIAN]}, "guardians"),
        ({"guardians": [{"guardian_id": "3125550142"}]}, "guardians[0].guardian_id"),
        ({"children": None}, "children"),
        ({"children": [{"child_id": "c1", "age": LOUD}]}, "children[0].age"),
        ({"campaign_goal": ""}, "campaign_goal"),
        ({"campaign_goal": [LOUD]}, "campaign_goal"),
        ({"campaign_goal": "Camp", "lead_id": "lead-ada"}, "lead_id"),
        ({"campaign_goal": "Camp", "status": "enrolled"}, "status"),
        ({"campaign_goal": "Camp", "id": LOUD}, "id"),
        ({"campaign_goal": "Camp", "occurred_at": "2026-05-05T18:05:01Z"}, "occurred_at"),
        ({"campaign_goal": "Camp", "occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at"),
        ([LOUD], "body"),
    ],
)
def test_a_wrong_patch_is_refused(ingest: Ingest, body: Any, field: str) -> None:
    response = ingest.patch(PATH, body)
    assert response.status_code == 422, response.text
    assert field in {error["field"] for error in response.json()["errors"]}
    assert b"zzyzx" not in response.content.lower()
    assert ingest.events() == []


@pytest.mark.parametrize("lead_id", ["3125550142", "zzyzx@example.org", "!tick", "%20lead", "z" * 65])
def test_a_path_that_names_nobody_is_refused(ingest: Ingest, lead_id: str) -> None:
    response = ingest.patch(f"/api/leads/{lead_id}", {"campaign_goal": "Camp"})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["lead_id"]
    assert lead_id not in response.text
    assert ingest.events() == []
