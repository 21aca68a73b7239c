"""Erasure over HTTP: whom it names, who may ask for it, and what is not kept here at all."""

from typing import Any

import httpx
import pytest

from domain.acts import ErasureTold
from tests.unit.ingest.conftest import SECRET, Ingest, call

OFFICER = {"Authorization": f"Bearer {SECRET}-of-an-officer"}


@pytest.fixture(autouse=True)
def _known(ingest: Ingest) -> None:
    ingest.decisions.subjects = {"lead-ada", "lead-ada/g/g1", "lead-ada/c/c1"}


def erase(ingest: Ingest, path: str = "/api/leads/lead-ada", **headers: str) -> httpx.Response:
    return ingest.client.ask("DELETE", path, headers={**OFFICER, **headers})


@pytest.mark.parametrize(
    ("query", "subject"),
    [("", None), ("?subject=g/g1", "g/g1"), ("?subject=c/c1", "c/c1"), ("?subject=g%2Fg1", "g/g1")],
)
def test_a5_a_household_or_one_of_it_is_to_be_forgotten(
    ingest: Ingest, query: str, subject: str | None
) -> None:
    response = erase(ingest, f"/api/leads/lead-ada{query}")

    assert response.status_code == 202, response.text
    (event,) = ingest.events()
    assert isinstance(event, ErasureTold)
    assert (event.lead_id, event.subject, event.actor) == ("lead-ada", subject, "privacy")
    assert response.json()["event_id"] == event.event_id


def test_a_retry_under_the_same_key_is_the_same_event(ingest: Ingest) -> None:
    first, second = (erase(ingest, **{"Idempotency-Key": "k1"}).json() for _ in range(2))
    assert first == second
    assert len(ingest.events()) == 1


@pytest.mark.parametrize(
    "path", ["/api/leads/lead-nobody", "/api/leads/lead-ada?subject=g/g9", "/api/leads/lead-ada?subject=c/g1"]
)
def test_of_whom_nothing_is_kept_nothing_is_written(ingest: Ingest, path: str) -> None:
    assert erase(ingest, path).status_code == 404
    assert ingest.events() == []
    assert ingest.keys.table == {}


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            "subject=Ada",
            [{"field": "subject", "message": "must be g/ and a guardian's id, or c/ and a child's"}],
        ),
        ("subject=g/", None),
        ("subject=g/a@b.example", None),
        ("guardian=g1", [{"field": "guardian", "message": "is unknown"}]),
    ],
)
def test_a_wrong_name_is_said_and_not_repeated(ingest: Ingest, query: str, errors: Any) -> None:
    response = erase(ingest, f"/api/leads/lead-ada?{query}")
    assert response.status_code == 422, response.text
    assert "a@b" not in response.text
    assert errors is None or response.json()["errors"] == errors
    assert ingest.events() == []


def test_what_was_erased_is_gone_and_takes_nothing_more(ingest: Ingest) -> None:
    ingest.keys.destroy("lead-ada")
    assert erase(ingest).status_code == 410
    assert ingest.post("/api/interactions", call(transcript="hello")).status_code == 410
    assert ingest.events() == []


def test_postgres_away_is_503_and_nothing_is_written(ingest: Ingest) -> None:
    ingest.decisions.away = True
    response = erase(ingest)
    assert response.status_code == 503
    assert "retry-after" in response.headers
    assert ingest.events() == []
