"""The gate, the problems and the health routes, on a small app with one route of each kind."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from runtime.errors import NotReady
from runtime.gate import Rules
from runtime.health import Readiness
from runtime.metrics import Metrics
from runtime.openapi import JsonRoute, Operation
from runtime.problems import MEDIA_TYPE
from runtime.tokens import Scope, Token, token
from runtime.web import About, caller, needs, web_app
from tests.unit.runtime.asgi import Client, client_of

SECRET = "a-secret-of-the-tests"
READER = {"Authorization": f"Bearer {SECRET}"}
WRITER = {"Authorization": f"Bearer {SECRET}-of-a-writer"}
TOKENS = (
    token("reader", SECRET, frozenset({Scope.READ})),
    token("writer", f"{SECRET}-of-a-writer", frozenset({Scope.INGEST})),
)
LIMIT = 1000


class Thing(BaseModel):
    """A thing."""

    size: int = Field(ge=0)


async def take(request: Request) -> Response:
    caller(request, Scope.INGEST)
    return PlainTextResponse(str(len(await request.body())), 202)


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/api/things")
    async def things(who: Annotated[Token, Depends(needs(Scope.READ))], limit: int = 5) -> dict[str, str]:
        return {"name": who.name, "limit": str(limit)}

    @router.put("/api/things")
    async def put(thing: Thing) -> Thing:
        return thing

    @router.get("/api/things/all")
    async def every() -> None:
        return None

    @router.put("/api/things/{name}")
    async def named(name: str) -> str:
        return name

    @router.get("/api/away")
    async def away() -> None:
        raise NotReady("Postgres does not answer")

    @router.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("Ada Example, +1 312 555 0142")

    return router


READY = [Readiness(ready=True, lag=7)]


async def ready() -> Readiness:
    return READY[-1]


def made(rules: Rules) -> FastAPI:
    post = JsonRoute("/api/things", take, Operation("Post a thing", Thing, Thing, {}, {"one": {"size": 1}}))
    return web_app(About("Things", "For tests."), [post, routes()], rules, Metrics(), ready)


@pytest.fixture
def web() -> Iterator[Client]:
    with client_of(made(Rules(TOKENS, body_limit=LIMIT, body_limits={"/api/things": 2 * LIMIT}))) as client:
        yield client


def problem(response: object, status: int, slug: str) -> dict[str, object]:
    assert response.status_code == status, response.text  # type: ignore[attr-defined] # an httpx answer
    assert response.headers["content-type"] == MEDIA_TYPE  # type: ignore[attr-defined] # an httpx answer
    body: dict[str, object] = response.json()  # type: ignore[attr-defined] # an httpx answer
    assert body["type"] == f"urn:academy:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong-secret-of-nobody"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": SECRET},
    ],
)
def test_api_needs_a_known_bearer_token(web: Client, headers: dict[str, str]) -> None:
    for path in ("/api/things", "/api", "/api/unknown", "/api/things/"):
        response = web.get(path, headers=headers)
        problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"


def test_of_a_header_that_comes_twice_the_first_counts(web: Client) -> None:
    stranger = {"Authorization": "Bearer of-nobody-that-is-known"}

    for headers, status in (([READER, stranger], 200), ([stranger, READER], 401)):
        told = [one for each in headers for one in each.items()]
        assert web.get("/api/things", headers=told).status_code == status


def test_a_token_acts_within_its_scopes_only(web: Client) -> None:
    assert web.get("/api/things", headers=READER).json()["name"] == "reader"
    problem(web.get("/api/things", headers=WRITER), 403, "forbidden")
    assert web.post("/api/things", headers=WRITER, json={}).status_code == 202
    problem(web.post("/api/things", headers=READER, json={}), 403, "forbidden")


@pytest.mark.parametrize("path", ["/api/things/", "/healthz/", "/readyz/", "/openapi.json/", "/metrics/"])
def test_a_trailing_slash_is_the_same_path(web: Client, path: str) -> None:
    assert web.get(path, headers=READER).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_open_paths_need_no_token(web: Client, path: str) -> None:
    assert web.get(path).status_code == 200


def test_an_unknown_path_and_a_wrong_method_are_problems(web: Client) -> None:
    problem(web.get("/api/unknown", headers=READER), 404, "not-found")
    problem(web.get("/unknown"), 404, "not-found")
    problem(web.ask("DELETE", "/api/things", headers=READER), 405, "method-not-allowed")


def test_a_refused_method_is_told_every_one_that_is_served(web: Client) -> None:
    allowed = web.ask("DELETE", "/api/things", headers=READER).headers["allow"]

    assert allowed == "GET, POST, PUT"  # two routers have the path, each with methods of its own


def test_a_path_that_is_named_is_not_taken_for_a_parameter(web: Client) -> None:
    assert web.ask("DELETE", "/api/things/all", headers=READER).headers["allow"] == "GET"
    assert web.ask("DELETE", "/api/things/one", headers=READER).headers["allow"] == "PUT"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.8.8:9", "[::1]", "[::1]:8001"]
)
def test_loopback_hosts_are_served(web: Client, host: str) -> None:
    assert web.get("/api/things", headers={**READER, "Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil", "[::2]"]
)
def test_foreign_hosts_are_not(web: Client, host: str) -> None:
    for path in ("/api/things", "/metrics", "/openapi.json", "/unknown"):
        response = web.get(path, headers={**READER, "Host": host})
        problem(response, 421, "foreign-host")
        assert host not in response.text


def test_a_request_without_host_is_refused(web: Client) -> None:
    problem(web.get("/api/things", headers={**READER, "Host": ""}), 400, "no-host")


def test_probes_come_by_address(web: Client) -> None:
    assert web.get("/healthz", headers={"Host": "10.1.2.3:8001"}).status_code == 200
    assert web.get("/readyz", headers={"Host": "10.1.2.3:8001"}).status_code == 200


@pytest.mark.parametrize("allowed", ["academy.example", "*"])
def test_a_configured_host_is_served(allowed: str) -> None:
    with client_of(made(Rules(TOKENS, frozenset({allowed})))) as web:
        headers = {**READER, "Host": "Academy.Example:443"}
        assert web.get("/api/things", headers=headers).status_code == 200


def test_metrics_stay_on_this_machine(web: Client) -> None:
    assert "academy_http_requests_total" in web.get("/metrics").text
    for header in ("Forwarded", "X-Forwarded-For"):
        problem(web.get("/metrics", headers={header: "for=127.0.0.1"}), 403, "loopback-only")
    with client_of(made(Rules(TOKENS, frozenset({"*"}))), peer="10.0.0.7") as far:
        problem(far.get("/metrics"), 403, "loopback-only")


def test_requests_are_counted_by_route_never_by_path(web: Client) -> None:
    web.get("/api/things?limit=7", headers=READER)
    web.post("/api/things", headers=WRITER, json={})
    web.get("/api/Ada-Example", headers=READER)
    text = web.get("/metrics").text
    assert 'academy_http_requests_total{method="GET",route="/api/things",status="200"} 1.0' in text
    assert 'academy_http_requests_total{method="POST",route="/api/things",status="202"} 1.0' in text
    assert 'academy_http_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert "Ada" not in text


def test_an_invented_method_makes_no_series(web: Client) -> None:
    web.ask("ADA", "/api/things", headers=READER)
    assert "ADA" not in web.get("/metrics").text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_a_body_must_be_json(web: Client, kind: str) -> None:
    headers = {**WRITER, "Content-Type": kind}
    problem(web.post("/api/things", headers=headers, content=b"{}"), 415, "not-json")


def test_json_with_a_charset_is_json(web: Client) -> None:
    headers = {**WRITER, "Content-Type": "Application/JSON; charset=utf-8"}
    assert web.post("/api/things", headers=headers, content=b"{}").status_code == 202


def text_of(size: int) -> bytes:
    """A JSON string of so many bytes."""
    return b'"%b"' % (b"x" * (size - 2))


def test_a_body_over_the_limit_is_refused(web: Client) -> None:
    headers = {**WRITER, "Content-Type": "application/json"}
    fits = web.post("/api/things", headers=headers, content=text_of(2 * LIMIT))
    assert (fits.status_code, fits.text) == (202, str(2 * LIMIT))
    problem(web.post("/api/things", headers=headers, content=text_of(2 * LIMIT + 1)), 413, "too-large")
    problem(web.ask("PUT", "/api/other", headers=headers, content=text_of(LIMIT + 1)), 413, "too-large")


def test_a_body_without_a_length_is_counted_as_it_comes(web: Client) -> None:
    async def chunks(count: int) -> AsyncIterator[bytes]:
        whole = text_of(count * 500)
        for place in range(0, len(whole), 500):
            yield whole[place : place + 500]

    headers = {**WRITER, "Content-Type": "application/json"}
    assert web.post("/api/things", headers=headers, content=chunks(4)).text == "2000"
    problem(web.post("/api/things", headers=headers, content=chunks(5)), 413, "too-large")
    problem(web.ask("PUT", "/api/things", headers=headers, content=chunks(50)), 413, "too-large")


def test_a_wrong_value_is_named_and_not_repeated(web: Client) -> None:
    posted = web.ask("PUT", "/api/things", headers=READER, json={"size": "Ada-3125550142"})
    body = problem(posted, 422, "invalid")
    assert body["errors"] == [{"field": "size", "message": "must be a whole number"}]
    assert body["detail"] == "size must be a whole number"
    assert "Ada" not in posted.text
    query = web.get("/api/things?limit=Ada-3125550142", headers=READER)
    assert problem(query, 422, "invalid")["errors"] == [
        {"field": "limit", "message": "must be a whole number"}
    ]
    assert "Ada" not in query.text


def test_text_that_is_no_json_is_malformed(web: Client) -> None:
    headers = {**READER, "Content-Type": "application/json"}
    posted = web.ask("PUT", "/api/things", headers=headers, content=b'{"size": Ada')
    problem(posted, 400, "malformed")
    assert "Ada" not in posted.text


def test_a_server_that_is_away_says_when_to_come_back(web: Client) -> None:
    response = web.get("/api/away", headers=READER)
    problem(response, 503, "unavailable")
    assert int(response.headers["retry-after"]) > 0


def test_a_fault_of_ours_shows_nothing(web: Client) -> None:
    response = web.get("/api/broken", headers=READER)
    problem(response, 500, "internal")
    assert "Ada" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


def test_readiness_is_told_with_lag_and_detail(web: Client) -> None:
    assert web.get("/readyz").json() == {"ready": True, "lag": 7, "detail": ""}
    READY.append(Readiness(ready=False, detail="restoring"))
    try:
        response = web.get("/readyz")
    finally:
        READY.pop()
    assert response.status_code == 503
    assert response.json() == {"ready": False, "lag": None, "detail": "restoring"}


def test_every_answer_carries_the_security_headers(web: Client) -> None:
    for response in (web.get("/api/things", headers=READER), web.get("/api/things"), web.get("/unknown")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert web.get("/api/things").headers["cache-control"] == "no-store"


def test_openapi_tells_of_bodies_problems_and_tokens(web: Client) -> None:
    document = web.get("/openapi.json").json()
    post = document["paths"]["/api/things"]["post"]
    content = post["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert content["examples"]["one"] == {"value": {"size": 1}}
    for operation in document["paths"]["/api/things"].values():
        assert operation["security"] == [{"bearer": []}]
        assert operation["responses"]["422"] == {"$ref": "#/components/responses/Problem422"}
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert MEDIA_TYPE in document["components"]["responses"]["Problem503"]["content"]
    assert "HTTPValidationError" not in json.dumps(document)
