"""POST /api/interactions/batch: one by one, in order, and cheap."""

import asyncio
import gc
import json
import threading
import time
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from ingest import examples
from ingest.bodies import BATCH_BYTES
from ingest.service import build
from ingest.settings import IngestSettings
from runtime.keys import guardian
from runtime.openapi import ProblemBody
from runtime.outlet import Outlet
from runtime.settings import Settings
from tests.unit.ingest.conftest import BEARER, NOW, Ingest, call
from tests.unit.ingest.doubles import MemoryDecisions, MemoryKeys
from tests.unit.runtime.mock import mock_broker

EVENT = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
PATH = "/api/interactions/batch"
KEYED = {"Idempotency-Key": "file-7"}
LOUD = "Zoë-Zzyzx"


def statuses(answer: list[dict[str, Any]]) -> list[int]:
    assert [item["index"] for item in answer] == list(range(len(answer)))
    return [item["status"] for item in answer]


def ids_of(ingest: Ingest, lead_id: str) -> list[str]:
    """Event ids of one lead, in the order of the log."""
    return [event.event_id for event in ingest.events() if event.lead_id == lead_id]


@pytest.mark.parametrize("body", examples.BATCHES.values(), ids=list(examples.BATCHES))
def test_every_example_of_the_document_is_accepted(ingest: Ingest, body: list[Any]) -> None:
    response = ingest.post(PATH, body)
    assert response.status_code == 207
    assert statuses(response.json()) == [202] * len(body)


def test_each_item_is_told_where_its_event_stands_and_leads_keep_their_order(ingest: Ingest) -> None:
    answer = ingest.post(PATH, [call(lead_id=f"lead-{n % 7}") for n in range(500)]).json()
    assert statuses(answer) == [202] * 500
    assert set(answer[0]) == {"index", "status", "event_id", "topic", "partition", "offset"}
    for n in range(7):
        told = [item for item in answer if item["index"] % 7 == n]
        assert ids_of(ingest, f"lead-{n}") == [item["event_id"] for item in told]
        assert [item["offset"] for item in told] == sorted(item["offset"] for item in told)


def test_one_bad_item_does_not_stop_the_others(ingest: Ingest) -> None:
    ingest.post("/api/interactions", call(lead_id="lead-gone"))
    ingest.keys.destroy("lead-gone")
    bad = [call(lead_id=LOUD), LOUD, call(occurred_at="1999-12-31T23:59:59Z"), call(lead_id="lead-gone")]
    response = ingest.post(PATH, [call(), *bad, call(id=EVENT)])
    answer = response.json()
    assert statuses(answer) == [202, 422, 422, 422, 410, 202]
    assert answer[1]["problem"]["errors"][0]["field"] == "lead_id"
    assert answer[3]["problem"]["errors"][0]["field"] == "occurred_at"
    assert answer[5]["event_id"] == EVENT
    assert len(ingest.events()) == 3
    assert b"zzyzx" not in response.content.lower()
    for item in answer[1:5]:
        ProblemBody.model_validate(item["problem"])


def test_the_problem_is_that_of_a_single_interaction(ingest: Ingest) -> None:
    wrong = call(duration_s=-1)
    assert ingest.post(PATH, [wrong]).json()[0]["problem"] == ingest.post("/api/interactions", wrong).json()


def test_unacknowledged_items_are_told_with_their_ids(ingest: Ingest) -> None:
    ingest.outlet.refused.add("lead-b")
    answer = ingest.post(PATH, [call(lead_id=f"lead-{letter}") for letter in "abab"]).json()
    assert statuses(answer) == [202, 503, 202, 503]
    assert {answer[n]["problem"]["type"] for n in (1, 3)} == {"urn:academy:problem:unacknowledged"}
    assert answer[1]["event_id"] == answer[1]["problem"]["event_id"] != answer[3]["event_id"]
    assert len(ingest.events()) == 2


def test_what_follows_an_item_without_a_key_waits_for_it(ingest: Ingest) -> None:
    ingest.post("/api/interactions", call())
    ingest.keys.away = True
    answer = ingest.post(PATH, [call(), call(guardian_id="g1"), call(), call(lead_id="lead-b")]).json()
    assert statuses(answer) == [202, 503, 503, 503]
    assert [answer[n]["problem"]["type"].rpartition(":")[2] for n in (1, 2, 3)] == [
        "unavailable",
        "held-back",
        "unavailable",
    ]
    assert guardian("lead-ada", "g1") not in ingest.keys.table


def test_ids_come_from_the_key_and_the_index(ingest: Ingest) -> None:
    body = [call(), call(), call(lead_id="lead-b")]
    first, again = (ingest.post(PATH, body, **KEYED).json() for _ in range(2))
    assert first == again
    assert len({item["event_id"] for item in first}) == len(ingest.events()) == 3
    assert ingest.post("/api/interactions", call(), **KEYED).json()["event_id"] not in str(first)


def test_a_retry_sends_what_failed_and_refuses_what_changed(ingest: Ingest) -> None:
    body = [call(lead_id="lead-a"), call(lead_id="lead-b")]
    ingest.outlet.refused.add("lead-b")
    first = ingest.post(PATH, body, **KEYED).json()
    ingest.outlet.refused.clear()
    again = ingest.post(PATH, [call(lead_id="lead-a", duration_s=9), body[1]], **KEYED).json()
    assert (statuses(first), statuses(again)) == ([202, 503], [422, 202])
    assert again[0]["problem"]["errors"][0]["field"] == "Idempotency-Key"
    assert again[1]["event_id"] == first[1]["event_id"]
    assert len(ingest.events()) == 2


@pytest.mark.parametrize("body", [[], {}, LOUD, {"interactions": []}, [call()] * 501])
def test_what_is_no_batch_is_refused_whole(ingest: Ingest, body: Any) -> None:
    response = ingest.post(PATH, body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "body"
    assert ingest.events() == []


@pytest.mark.parametrize("text", ["[{}", "", "Zzyzx", '[{"lead_id": Zzyzx}]', "[" * 100_000])
def test_what_is_no_json_is_malformed(ingest: Ingest, text: str) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    assert ingest.client.post(PATH, headers=headers, content=text.encode()).status_code == 400


def test_only_a_batch_may_be_as_large(ingest: Ingest) -> None:
    said = "Parent: Saturdays are fine. " * 700
    body = [call(lead_id=f"lead-{n}", transcript=said) for n in range(100)]
    assert 256 * 1024 < len(json.dumps(body)) < BATCH_BYTES
    assert statuses(ingest.post(f"{PATH}/", body).json()) == [202] * 100
    assert ingest.post(PATH, body * 5).status_code == 413
    assert ingest.post("/api/interactions", call(transcript=said * 20)).status_code == 413


def test_token_and_scope_are_checked(ingest: Ingest) -> None:
    assert ingest.client.post(PATH, json=[call()]).status_code == 401
    ingest.headers["Authorization"] += "-of-a-reader"
    assert ingest.post(PATH, [call()]).status_code == 403


def test_the_loop_does_not_prepare_batches(ingest: Ingest) -> None:
    ingest.post(PATH, [call()])
    assert ingest.keys.askers
    assert threading.get_ident() not in ingest.keys.askers


def test_metrics_count_each_event(ingest: Ingest) -> None:
    ingest.post(PATH, [call(), call(), LOUD])
    text = ingest.client.get("/metrics").text
    assert 'academy_ingest_produced_total{event="interaction"} 2.0' in text
    assert f'route="{PATH}",status="207"}} 1.0' in text


def test_the_document_describes_it(ingest: Ingest) -> None:
    document = ingest.client.get("/openapi.json").json()
    post, schemas = document["paths"][PATH]["post"], document["components"]["schemas"]
    assert post["requestBody"]["content"]["application/json"]["examples"]
    assert schemas["BatchBody"]["items"] == {"$ref": "#/components/schemas/InteractionBody"}
    assert schemas["BatchBody"]["maxItems"] == 500
    assert schemas["BatchAnswer"]["items"] == {"$ref": "#/components/schemas/BatchItem"}
    assert "problem" in schemas["BatchItem"]["properties"]
    assert "207" in post["responses"]
    assert "202" not in post["responses"]


def cpu_per_event(app: ASGIApp, path: str, body: Any, events: int, times: int) -> float:
    """Seconds of CPU that the app and its Kafka client need for an event, without an HTTP client and a socket."""
    data = json.dumps(body).encode()
    headers = [("host", "127.0.0.1"), ("content-type", "application/json"), *BEARER.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message: Message) -> None:
        assert message.get("status", 207) in (202, 207)

    async def run() -> float:
        await app({**scope, "path": path}, receive, send)
        began = time.process_time()
        for _ in range(times):
            await app({**scope, "path": path}, receive, send)
        return (time.process_time() - began) / times / events

    gc.collect()  # what other tests have left is not the app's
    return min(asyncio.run(run()) for _ in range(3))


def test_an_event_of_a_batch_costs_less_than_half(settings: IngestSettings) -> None:
    """Some 9 times less is measured over a Kafka client: a single event has a wake-up and an answer of its own."""
    with mock_broker() as address, Outlet(Settings(kafka=address)) as outlet:
        app = build(settings, outlet, MemoryKeys(), MemoryDecisions(), lambda: NOW)
        single = cpu_per_event(app, "/api/interactions", call(), 1, 100)
        batch = cpu_per_event(app, PATH, [call()] * 100, 100, 5)
    assert batch < single / 2
