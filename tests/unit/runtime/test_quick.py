"""Routes that answer their usual requests by hand: whatever else is asked is FastAPI's."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from runtime.gate import Rules
from runtime.health import Readiness
from runtime.metrics import Metrics
from runtime.quick import QuickRoute
from runtime.web import About, web_app
from tests.unit.runtime.asgi import Client, client_of

SIZES = "/things"


async def sized(size: Annotated[int, Query(ge=1)] = 1) -> str:
    return f"asked for {size}"


async def by_hand(request: Request) -> Response | None:
    return None if request.query_params else PlainTextResponse("by hand")


@pytest.fixture
def client() -> Iterator[Client]:
    async def ready() -> Readiness:
        return Readiness(ready=True)

    route = QuickRoute(SIZES, sized, by_hand, response_model=str, operation_id="sized")
    with client_of(web_app(About("Things", "For tests."), [route], Rules(()), Metrics(), ready)) as made:
        yield made


def test_a_usual_request_is_answered_by_hand(client: Client) -> None:
    assert client.get(SIZES).text == "by hand"


def test_any_other_has_its_parameters_checked(client: Client) -> None:
    assert client.get(f"{SIZES}?size=2").json() == "asked for 2"
    assert client.get(f"{SIZES}?size=0").status_code == 422


def test_another_method_is_not_answered(client: Client) -> None:
    assert client.post(SIZES, content=b"").status_code == 405


def test_it_is_documented_as_any_other(client: Client) -> None:
    told = client.get("/openapi.json").json()["paths"][SIZES]["get"]

    assert [one["name"] for one in told["parameters"]] == ["size"]
