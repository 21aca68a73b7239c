"""What the gate does beside tokens and bodies: sizes, rates, origins, TLS, JWTs, and hostile headers and queries."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import SecretStr, ValidationError
from starlette.requests import Request

from runtime.errors import Misconfigured
from runtime.gate import HEADERS_LIMIT, HEADERS_NUMBER, REQUEST, TARGET_LIMIT
from runtime.health import Readiness
from runtime.metrics import Metrics
from runtime.tokens import Scope
from runtime.web import About, WebSettings, needs, web_app
from tests.unit.runtime.asgi import Client, client_of
from tests.unit.runtime.issuing import AUDIENCE, ISSUER, key_list, signed

SECRET = "a-secret-of-the-tests"
READER = {"Authorization": f"Bearer {SECRET}"}
ORIGIN = "https://desk.academy.example"


async def ready() -> Readiness:
    return Readiness(ready=True)


def app(**settings: Any) -> FastAPI:
    router = APIRouter(dependencies=[Depends(needs(Scope.READ))])

    @router.get("/api/things")
    async def things(request: Request) -> dict[str, str]:
        return {"name": request.scope["academy.caller"].name, "request": request.scope[REQUEST]}

    given = WebSettings(tokens=SecretStr(f"reader:{SECRET}:read"), **settings)
    return web_app(About("Things", "For tests."), [router], given.rules(), Metrics(), ready)


@pytest.fixture
def web() -> Iterator[Client]:
    with client_of(app()) as client:
        yield client


def test_a_request_has_an_id_that_its_answer_tells(web: Client) -> None:
    first, second = web.get("/api/things", headers=READER), web.get("/api/things", headers=READER)

    assert first.json()["request"] == first.headers["academy-request"]
    assert first.headers["academy-request"] != second.headers["academy-request"]
    assert web.get("/api/things").headers["academy-request"]
    assert "academy-request" not in web.get("/healthz").headers


def test_too_many_or_too_large_headers_are_refused(web: Client) -> None:
    many = {f"X-{number}": "1" for number in range(HEADERS_NUMBER)}
    for headers in (many, {"X-Large": "x" * HEADERS_LIMIT}):
        answer = web.get("/api/things", headers={**READER, **headers})
        assert answer.status_code == 431
        assert answer.headers["connection"] == "close"
    assert web.get("/api/things", headers={**READER, "X-Large": "x" * 20_000}).status_code == 200


def test_a_long_target_is_refused(web: Client) -> None:
    for path in (f"/api/things?q={'x' * TARGET_LIMIT}", f"/api/{'x' * TARGET_LIMIT}"):
        assert web.get(path, headers=READER).status_code == 414
    assert web.get(f"/api/things?q={'x' * 4000}", headers=READER).status_code == 200


def test_a_token_that_asks_too_often_waits_and_others_do_not() -> None:
    with client_of(app(read_rate="2/day")) as web:
        seen = [web.get("/api/things", headers=READER) for _ in range(3)]
        assert [answer.status_code for answer in seen] == [200, 200, 429]
        assert seen[0].headers["ratelimit"].startswith('"read";r=1;t=')
        assert seen[2].json()["type"] == "urn:academy:problem:too-many-requests"
        assert int(seen[2].headers["retry-after"]) > 0
        assert seen[2].headers["ratelimit"].startswith('"read";r=0;t=')
        assert web.get("/healthz").status_code == 200


def test_who_guesses_at_tokens_is_slowed_down_and_callers_at_the_same_address_are_not() -> None:
    with client_of(app(stranger_rate="3/day")) as web:
        guesses = [
            web.get("/api/things", headers={"Authorization": f"Bearer guess-{n}"}).status_code
            for n in range(5)
        ]
        assert guesses == [401, 401, 401, 429, 429]
        assert web.get("/openapi.json").status_code == 429
        assert web.get("/api/things", headers=READER).status_code == 200
        assert {web.get("/healthz").status_code, web.get("/readyz").status_code} == {200}


def test_what_stands_before_every_route_is_documented_for_every_route(web: Client) -> None:
    paths = web.get("/openapi.json").json()["paths"]
    told = {path: set(one["responses"]) for path, methods in paths.items() for one in methods.values()}

    assert {"/api/things", "/healthz", "/metrics"} <= told.keys()
    for path, statuses in told.items():
        assert {"400", "413", "414", "421", "429", "431"} <= statuses, path


def test_pages_of_other_origins_may_not_call(web: Client) -> None:
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    assert web.ask("OPTIONS", "/api/things", headers=preflight).status_code == 401
    assert (
        "access-control-allow-origin" not in web.get("/api/things", headers={**READER, **preflight}).headers
    )


def test_pages_of_an_origin_that_is_named_may() -> None:
    with client_of(app(allow_origins=[ORIGIN])) as web:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"}
        asked["Access-Control-Request-Headers"] = "authorization, content-type, academy-after"
        preflight = web.ask("OPTIONS", "/api/things", headers=asked)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-credentials" not in preflight.headers
        answer = web.get("/api/things", headers={**READER, "Origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "RateLimit" in answer.headers["access-control-expose-headers"]
        refused = web.get("/api/things", headers={"Origin": ORIGIN})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)
        for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null", ORIGIN.upper()):
            other = web.get("/api/things", headers={**READER, "Origin": origin})
            assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example", f"{ORIGIN}/", "http://desk.example", "desk.example", "null", ""]
)
def test_an_origin_is_exact(origin: str) -> None:
    with pytest.raises(ValidationError):
        WebSettings(allow_origins=[origin])


def test_browsers_are_kept_to_tls_where_it_is_said_to_be_there(web: Client) -> None:
    assert "strict-transport-security" not in web.get("/healthz").headers
    with client_of(app(behind_tls=True)) as told:
        assert told.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


@pytest.fixture
def issuing(tmp_path: Path) -> Iterator[Client]:
    keys = tmp_path / "keys.json"
    keys.write_bytes(key_list(["curve"]))
    settings = {"jwt_jwks": str(keys), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    with client_of(app(**settings, topic_prefix="north-")) as client:
        yield client


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_jwt_opens_what_its_scopes_say(issuing: Client) -> None:
    assert issuing.get("/api/things", headers=bearing(signed())).json()["name"] == "jwt:ada"
    assert issuing.get("/api/things", headers=bearing(signed(scope="ingest"))).status_code == 403
    assert issuing.get("/api/things", headers=READER).json()["name"] == "reader"


def test_a_jwt_that_is_not_taken_says_why(issuing: Client) -> None:
    answer = issuing.get("/api/things", headers=bearing(signed(aud="another")))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == "The token is for another audience."


def test_without_an_issuer_a_jwt_is_an_unknown_token(web: Client) -> None:
    assert web.get("/api/things", headers=bearing(signed())).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("missing", ["jwt_jwks", "jwt_issuer", "jwt_audience"])
def test_an_issuer_is_told_whole(missing: str) -> None:
    told = {"jwt_jwks": "keys.json", "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    with pytest.raises(Misconfigured, match="together"):
        WebSettings(**{name: value for name, value in told.items() if name != missing}).rules()  # type: ignore[arg-type] # a map of settings


@pytest.mark.parametrize(
    "value", ["x\r\nX-Evil: 1", "x\nX-Evil: 1", "\r\n\r\nHTTP/1.1 200 OK", "x\x00y", "é" * 10]
)
@pytest.mark.parametrize(
    "name", ["Authorization", "Origin", "traceparent", "Academy-After", "X-Forwarded-For"]
)
def test_nothing_in_a_header_comes_back(web: Client, name: str, value: str) -> None:
    given = [(b"host", b"localhost"), (name.encode(), value.encode())]
    answer = web.get("/api/things", headers=given)

    assert answer.status_code in (401, 400)
    assert "x-evil" not in answer.headers
    assert "Evil" not in json.dumps(dict(answer.headers)) + answer.text
