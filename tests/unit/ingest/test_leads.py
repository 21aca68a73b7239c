"""POST /api/leads: a household's record, each person under their own key."""

from typing import Any

import pytest

from domain.events import LeadRecorded, Sealed
from domain.vocabulary import Consent
from ingest import examples
from runtime.keys import child, guardian
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, Ingest

PATH = "/api/leads"
BODY = examples.LEADS["household"]


def only(ingest: Ingest) -> LeadRecorded:
    (event,) = ingest.events()
    assert isinstance(event, LeadRecorded)
    return event


def opened(ingest: Ingest, subject: str, field: str, sealed: Sealed | None) -> str:
    key = ingest.keys.table[subject]
    assert key
    assert sealed
    return unseal(key, field, sealed)


@pytest.mark.parametrize("body", examples.LEADS.values(), ids=list(examples.LEADS))
def test_every_example_of_the_document_is_accepted(ingest: Ingest, body: dict[str, Any]) -> None:
    response = ingest.post(PATH, body)
    assert response.status_code == 202, response.text
    assert response.json()["topic"] == "interactions"


def test_s2_each_person_is_sealed_under_their_own_key(ingest: Ingest) -> None:
    ingest.post(f"{PATH}/", BODY)
    event = only(ingest)
    (adult,), (kid,) = event.guardians, event.children
    her, his = guardian("lead-ada", "g1"), child("lead-ada", "c1")
    assert opened(ingest, her, "name", adult.name) == "Ada Example"
    assert opened(ingest, her, "phone", adult.phone) == "+1 312 555 0142"
    assert opened(ingest, her, "email", adult.email) == "ada@example.org"
    assert opened(ingest, his, "name", kid.name) == "Max Example"
    assert opened(ingest, his, "programme", kid.programme) == "U10 soccer"
    assert opened(ingest, "lead-ada", "campaign_goal", event.campaign_goal) == "Trial session in May"
    assert set(ingest.keys.table) == {"lead-ada", her, his}


def test_no_personal_text_is_in_the_record(ingest: Ingest) -> None:
    ingest.post(PATH, BODY)
    ((_, value, headers),) = ingest.outlet.records()
    for secret in (b"Example", b"312", b"@example", b"soccer", b"Trial"):
        assert secret not in value + repr(headers).encode()


def test_the_clear_part_is_kept(ingest: Ingest) -> None:
    held = {"guardian_id": "g2", "consent": "held"}
    ingest.post(PATH, {**BODY, "guardians": [*BODY["guardians"], held]})
    event = only(ingest)
    assert [(one.guardian_id, one.consent) for one in event.guardians] == [
        ("g1", Consent.CONTACTABLE),
        ("g2", Consent.HELD),
    ]
    assert (event.children[0].child_id, event.children[0].age) == ("c1", 9)
    assert event.time_zone == "America/Chicago"
    assert event.occurred_at == event.recorded_at == NOW.replace(microsecond=123_000)


def test_the_same_record_later_has_the_same_hash(ingest: Ingest) -> None:
    event_id = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
    for _ in range(2):
        ingest.post(PATH, {**BODY, "id": event_id})
    ingest.post(PATH, {**BODY, "id": event_id, "time_zone": "Europe/Berlin"})
    first, again, other = (event.body_hash for event in ingest.events())
    assert first == again != other


def test_kafka_away_is_a_503_with_the_id(ingest: Ingest) -> None:
    ingest.outlet.away = True
    response = ingest.post(PATH, BODY)
    assert response.status_code == 503
    assert response.json()["event_id"]
    assert "Ada" not in response.text
