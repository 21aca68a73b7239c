"""Every reading of sealed text is written down before it is shown, whichever route shows it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import SecretStr
from starlette.responses import StreamingResponse

from projections.api.audited import audited
from projections.api.opening import Opener
from projections.api.settings import ApiSettings
from runtime.health import Readiness
from runtime.keys import guardian
from runtime.metrics import Metrics
from runtime.tokens import Scope
from runtime.trail import Trail
from runtime.web import About, needs, web_app
from schemas.sealed import seal
from tests.docs import routes as served
from tests.trail import MemorySink
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.household import Ring


async def ready() -> Readiness:
    return Readiness(ready=True)


def name_of(ring: Ring, lead_id: str) -> str | None:
    sealed = seal(ring.of(guardian(lead_id, "g1")), "event-1", "name", f"Dana of {lead_id}")
    return Opener(ring, lead_id).text("name", sealed)


def reading(ring: Ring) -> APIRouter:
    router = APIRouter(dependencies=[Depends(needs(Scope.READ))])

    @router.get("/api/one/{lead_id}")
    def get_one(lead_id: str) -> list[str | None]:
        return [name_of(ring, lead_id), name_of(ring, lead_id)]

    @router.get("/api/many")
    async def list_many() -> list[str | None]:
        return await asyncio.to_thread(lambda: [name_of(ring, f"fam-{n}") for n in range(3)])

    @router.get("/api/none/{lead_id}")
    def get_none(lead_id: str) -> None:
        Opener(ring, lead_id).text("name", None)

    @router.get("/api/broken/{lead_id}")
    def get_broken(lead_id: str) -> None:
        raise RuntimeError(name_of(ring, lead_id))

    @router.get("/api/export")
    async def export() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            for number in range(5):
                yield f"{name_of(ring, f'fam-{number}')}\n"

        return StreamingResponse(lines())

    return router


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def client(ring: Ring, sink: MemorySink) -> Client:
    rules = ApiSettings(tokens=SecretStr(f"desk:{SECRET}:read,crm:{SECRET}-2:ingest")).rules()
    app = web_app(About("Readings", "For tests."), [reading(ring)], rules, Metrics(), ready)
    return Client(audited(app, Trail(sink, "audit", Metrics())))


def test_who_read_whose_words_when_and_by_what_is_written_down(client: Client, sink: MemorySink) -> None:
    answer = client.get("/api/one/fam-1")

    (read,) = sink.reads()
    assert answer.json() == ["Dana of fam-1"] * 2
    assert (read.actor, read.route, read.lead_id) == ("desk", "get_one", "fam-1")
    assert read.request_id == answer.headers["academy-request"]


def test_a_list_is_a_reading_of_everybody_on_it_and_the_next_one_another(
    client: Client, sink: MemorySink
) -> None:
    first, second = client.get("/api/many"), client.get("/api/many")

    assert [(read.lead_id, read.request_id) for read in sink.reads()] == [
        (f"fam-{n}", answer.headers["academy-request"]) for answer in (first, second) for n in range(3)
    ]


@pytest.mark.parametrize("path", ["/api/none/fam-1", "/api/unknown", "/healthz", "/openapi.json"])
def test_what_opens_nothing_is_no_reading(client: Client, sink: MemorySink, path: str) -> None:
    client.get(path)
    Client(client.app, {}).get("/api/one/fam-1")
    Client(client.app, {"Authorization": f"Bearer {SECRET}-2"}).get("/api/one/fam-1")

    assert sink.records == []


def test_what_was_erased_is_no_reading(client: Client, sink: MemorySink, ring: Ring) -> None:
    sealed = seal(ring.of("fam-1"), "event-1", "name", "Dana")
    ring.forget("fam-1")

    assert Opener(ring, "fam-1").text("name", sealed) is None
    assert sink.records == []


def test_words_that_were_opened_and_not_shown_were_opened(client: Client, sink: MemorySink) -> None:
    assert client.get("/api/broken/fam-1").status_code == 500
    assert [read.lead_id for read in sink.reads()] == ["fam-1"]


def test_nothing_is_shown_that_cannot_be_written_down(client: Client, sink: MemorySink) -> None:
    sink.full = True
    answer = client.get("/api/one/fam-1")

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:academy:problem:unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Dana" not in answer.text
    assert client.get("/api/none/fam-1").status_code == 200

    sink.full = False
    assert client.get("/api/one/fam-1").status_code == 200


def test_a_stream_is_written_down_as_it_goes_and_ends_where_that_fails(
    client: Client, sink: MemorySink
) -> None:
    assert client.get("/api/export").text.count("Dana") == 5
    assert [read.lead_id for read in sink.reads()] == [f"fam-{n}" for n in range(5)]
    sink.full = True
    assert "Dana" not in client.get("/api/export").text


def test_both_apps_that_read_are_audited(app: FastAPI) -> None:
    for one in (app, served.app()):
        kinds = [middleware.cls.__name__ for middleware in one.user_middleware]  # type: ignore[attr-defined] # a class
        assert kinds[-1] == "Audited", "the innermost"
        assert kinds.index("Gate") < kinds.index("Audited")
