"""Ingest against a real broker and a real key table."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from pydantic import SecretStr

from domain.events import InteractionRecorded
from ingest.clock import tick, wall
from ingest.decisions import DecisionsView
from ingest.service import build
from ingest.settings import IngestSettings
from runtime.errors import NotReady
from runtime.keys import Keys
from runtime.outlet import Outlet
from runtime.settings import Settings
from schemas.codec import decode
from schemas.sealed import unseal
from schemas.topics import TICK_KEY
from tests.broker import eventually, read
from tests.unit.runtime.asgi import Client, client_of

SECRET = "a-secret-of-the-tests"
HEADERS = {"Authorization": f"Bearer {SECRET}"}
BODY = {
    "lead_id": "lead-ada",
    "channel": "sms",
    "direction": "inbound",
    "outcome": "completed",
    "occurred_at": "2026-05-05T12:00:00-05:00",
    "transcript": "Can we come on Saturday?",
}


@pytest.fixture
def outlet(settings: Settings) -> Iterator[Outlet]:
    with Outlet(settings) as made:
        yield made


@pytest.fixture
def web(settings: Settings, outlet: Outlet, keys: Keys) -> Iterator[Client]:
    own = IngestSettings(**settings.model_dump(), tokens=SecretStr(f"crm:{SECRET}:ingest"), clock_seconds=0)
    app = build(own, outlet, keys, DecisionsView(own), wall)
    with client_of(app, headers=HEADERS) as client:
        yield client


def ready(outlet: Outlet, settings: Settings) -> bool:
    with suppress(NotReady):
        return outlet.partitions(settings.topic("interactions")) == settings.partitions
    return False


def test_an_interaction_lands_where_the_answer_says_and_opens_with_its_key(
    settings: Settings, web: Client, keys: Keys
) -> None:
    assert eventually(lambda: web.get("/readyz").json()["ready"], "readiness")
    answer = web.post("/api/interactions", json=BODY).json()
    (message,) = read(settings, "interactions")
    event = decode("interactions", message.value or b"")
    assert isinstance(event, InteractionRecorded)
    assert answer == {
        "event_id": event.event_id,
        "topic": settings.topic("interactions"),
        "partition": message.partition,
        "offset": message.offset,
    }
    assert message.key == b"lead-ada"
    assert dict(message.headers)["event-id"] == event.event_id.encode()
    assert event.transcript
    key = keys.by_id(event.transcript.key_id)
    assert key
    assert unseal(key, "transcript", event.transcript) == BODY["transcript"]


def test_a_tick_reaches_every_partition(settings: Settings, outlet: Outlet) -> None:
    eventually(lambda: ready(outlet, settings), "metadata of a fresh topic")
    asyncio.run(tick(outlet, settings.topic("interactions"), wall()))
    ticks = read(settings, "interactions")
    assert sorted(message.partition for message in ticks) == list(range(settings.partitions))
    assert {message.key for message in ticks} == {TICK_KEY.encode()}


def test_a_batch_lands_in_order_per_lead_where_its_answers_say(settings: Settings, web: Client) -> None:
    eventually(lambda: web.get("/readyz").json()["ready"], "readiness")
    body = [{**BODY, "lead_id": f"lead-{n % 5}", "transcript": str(n)} for n in range(200)]
    answers = web.post("/api/interactions/batch", json=body).json()
    found = {(message.partition, message.offset): message for message in read(settings, "interactions")}

    assert len(found) == len(answers) == 200
    for answer in answers:
        message = found[answer["partition"], answer["offset"]]
        assert (answer["status"], dict(message.headers)["event-id"]) == (202, answer["event_id"].encode())
        assert message.key == f"lead-{answer['index'] % 5}".encode()
    for n in range(5):
        offsets = [answer["offset"] for answer in answers if answer["index"] % 5 == n]
        assert offsets == sorted(offsets)
