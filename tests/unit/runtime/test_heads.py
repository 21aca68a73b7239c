"""HEAD on a small app with a route of each kind."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.responses import StreamingResponse

from runtime.gate import Rules
from runtime.health import Readiness
from runtime.metrics import Metrics
from runtime.tokens import token
from runtime.web import About, web_app
from tests.unit.runtime.asgi import Client, client_of

SECRET = "a-secret-of-the-tests"
HEADERS = {"Authorization": f"Bearer {SECRET}"}


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"more"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def web(metrics: Metrics) -> Iterator[Client]:
    routes = APIRouter(prefix="/api")

    @routes.get("/thing")
    def thing() -> dict[str, int]:
        return {"size": 7}

    @routes.get("/events")
    async def events() -> EventSourceResponse:
        return EventSourceResponse(endless())

    @routes.get("/file")
    async def file() -> StreamingResponse:
        return StreamingResponse(endless(), media_type="text/csv")

    async def ready() -> Readiness:
        return Readiness(ready=True)

    app = web_app(About("Things", "For tests."), [routes], Rules((token("one", SECRET),)), metrics, ready)
    with client_of(app, headers=HEADERS) as client:
        yield client


def lasting(answer: httpx.Response) -> dict[str, str]:
    """Without what each request has for itself."""
    return {
        name: told for name, told in answer.headers.items() if name not in ("academy-request", "ratelimit")
    }


@pytest.mark.parametrize("path", ["/api/thing", "/healthz", "/api/nowhere"])
def test_head_has_the_status_and_the_headers_of_get_and_no_body(web: Client, path: str) -> None:
    whole, head = web.get(path), web.ask("HEAD", path)

    assert (head.status_code, lasting(head)) == (whole.status_code, lasting(whole))
    assert int(head.headers["content-length"]) > 0
    assert head.content == b""


@pytest.mark.parametrize("path", ["/api/events", "/api/file"])
def test_head_opens_no_stream(web: Client, path: str) -> None:
    head = web.ask("HEAD", path)

    assert (head.status_code, head.content) == (200, b"")


def test_head_needs_what_get_needs(web: Client) -> None:
    assert web.ask("HEAD", "/api/thing", headers={"Authorization": "Bearer another"}).status_code == 401


def test_heads_are_counted_by_their_route(web: Client, metrics: Metrics) -> None:
    web.ask("HEAD", "/api/thing")

    labels = {"method": "HEAD", "route": "/api/thing", "status": "200"}
    assert metrics.registry.get_sample_value("academy_http_requests_total", labels) == 1
