"""The tag of an answer and what it is compared with; a small app stands for the routes."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import APIRouter, FastAPI

from projections.api.tags import Freshness, tag_of
from runtime.problems import add_handlers
from tests.unit.runtime.asgi import Client, client_of

ROWS = [{"lead_id": "fam-1", "at": datetime(2026, 9, 7, tzinfo=UTC), "bytes": b"sealed", "none": None}]
TAG = tag_of(ROWS)


@pytest.fixture
def web() -> Iterator[Client]:
    app, routes = FastAPI(), APIRouter()

    @routes.get("/thing")
    def thing(fresh: Freshness) -> dict[str, int]:
        fresh.unless_had(ROWS)
        return {"size": 7}

    app.include_router(routes)
    add_handlers(app)
    with client_of(app) as client:
        yield client


def test_an_answer_has_a_weak_tag_and_may_be_kept_by_its_reader_alone(web: Client) -> None:
    answer = web.get("/thing")

    assert (answer.status_code, answer.json()) == (200, {"size": 7})
    assert answer.headers["etag"] == TAG
    assert TAG.startswith('W/"')
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("had", "status"),
    [
        (TAG, 304),
        (TAG.removeprefix("W/"), 304),
        (f'"another", {TAG}', 304),
        ("*", 304),
        ('W/"another"', 200),
        (TAG.lower(), 200),
        ("", 200),
        ("nonsense", 200),
    ],
)
def test_what_the_reader_has_is_compared_as_rfc_9110_says(web: Client, had: str, status: int) -> None:
    assert web.get("/thing", headers={"If-None-Match": had}).status_code == status


def test_a_304_has_no_body_and_the_headers_of_the_answer(web: Client) -> None:
    answer = web.get("/thing", headers={"If-None-Match": TAG})

    assert answer.content == b""
    assert answer.headers["etag"] == TAG
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    "other", [[], [*ROWS, *ROWS], [ROWS[0] | {"none": 0}], [ROWS[0] | {"bytes": b"other"}]]
)
def test_other_rows_have_another_tag(other: object) -> None:
    assert tag_of(other) != TAG
    assert tag_of(list(ROWS)) == TAG
