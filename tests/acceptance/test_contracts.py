"""Strangers with nothing but the documents: a generated client, stock Avro clients, and one that asks anything."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.acceptance.conftest import System, started
from tests.contract import generated
from tests.contract.asking import Known, ask, tell

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("apart")]
EXAMPLES = 12
"""Generated requests of each route beside its bounds and examples, which are many more."""
RECORDS = ("decisions", "enriched", "interactions", "leads", "policies", "q-table", "threads", "transitions")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own: what schemathesis leaves in it is nobody else's matter."""
    with started(tmp_path_factory.mktemp("contracts"), "--no-demo") as found:
        yield found


@pytest.fixture(scope="module")
def http(own: System) -> Iterator[httpx.Client]:
    with own.client() as client:
        yield client


@pytest.fixture(scope="module")
def known(http: httpx.Client) -> Known:
    return tell(http)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with generated.client(tmp_path_factory.mktemp("client")) as package:
        yield package


@pytest.fixture
def client(stranger: ModuleType, http: httpx.Client) -> Iterator[Any]:
    """The generated client, with the address and the token of the running system."""
    token = http.headers["Authorization"].removeprefix("Bearer ")
    settings = stranger.Configuration(host=str(http.base_url).rstrip("/"), access_token=token)
    with stranger.ApiClient(settings) as made:
        yield made


def test_the_running_app_serves_the_committed_document(http: httpx.Client) -> None:
    assert http.get("/openapi.json").json() == json.loads(generated.DOCUMENT.read_text("utf-8"))


def test_a_generated_client_reads_what_http_reads(
    http: httpx.Client, known: Known, stranger: ModuleType, client: Any
) -> None:
    lead, event, decision = "lead-ada", known["event_id"][0], known["decision_id"][0]
    leads, learning, schemas = (
        stranger.ReadApi(client),
        stranger.LearningApi(client),
        stranger.SchemasApi(client),
    )
    for path, answer in (
        ("/api/leads", leads.list_leads()),
        (f"/api/leads/{lead}", leads.get_lead(lead)),
        (f"/api/leads/{lead}/timeline", leads.list_timeline(lead)),
        (f"/api/interactions/{event}", leads.get_interaction(event)),
        (f"/api/nba/{lead}/current", leads.get_current_decision(lead)),
        (f"/api/nba/{lead}/history", leads.list_decisions(lead)),
        (f"/api/nba/{lead}/plan", leads.get_plan(lead)),
        (f"/api/decisions/{decision}", leads.get_decision(decision)),
        ("/api/queue", leads.list_queue()),
        ("/api/reminders", leads.list_reminders()),
        ("/api/learning/q-table", learning.get_q_table()),
        ("/api/learning/transitions", learning.list_transitions()),
        ("/api/learning/policies", learning.list_policies()),
        ("/schemas/ids/47", schemas.get_schema(47)),
    ):
        read, told = json.loads(answer.to_json()), http.get(path).raise_for_status().json()
        assert read, path
        assert _same(read, told), path


def test_a_generated_client_gets_a_context_pack(known: Known, stranger: ModuleType, client: Any) -> None:
    answer = stranger.ContextApi(client).prepare_inbound_call(known["lead_id"][0])

    pack = answer.context.actual_instance
    assert (pack.lead_id, pack.minimal, pack.lead_name) == ("lead-ada", False, "Ada Example")


def test_a_generated_client_tells_and_is_refused_as_documented(
    known: Known, stranger: ModuleType, client: Any
) -> None:
    body = stranger.ConsentBody(lead_id=known["lead_id"][0], guardian_id="g1", consent="contactable")
    assert stranger.TellApi(client).consent(body).topic == "interactions"

    with pytest.raises(stranger.ApiException) as refused:
        stranger.ReadApi(client).get_lead("nobody")
    assert refused.value.status == 404


@pytest.mark.parametrize("topic", RECORDS)
def test_confluents_deserialiser_reads_every_topic_by_our_registry(
    own: System, known: Known, topic: str
) -> None:
    stock = own.stranger()
    status = own.status()
    assert status is not None
    values = [(one.value, one.event) for one in stock.read(topic) if one.value]

    assert values, f"nothing on {topic}"
    with SchemaRegistryClient({"url": status["api"]}) as registry:
        deserialise = AvroDeserializer(registry)
        for data, event in values:
            assert deserialise(data, SerializationContext(topic, MessageField.VALUE)) == event


def test_every_answer_is_documented_and_none_is_a_fault(
    own: System, http: httpx.Client, known: Known, tmp_path: Path
) -> None:
    done = ask(http, known, tmp_path, f"--max-examples={EXAMPLES}")

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-4_000:]
    assert own.ready(), "a service did not survive what was asked"
    assert http.get("/api/leads/lead-ada").json()["status"], "and what was known is still known"


def _same(read: Any, told: Any) -> bool:
    """Equal but for how a moment is spelt, and for fields that a client leaves out because they are null."""
    if isinstance(read, dict) and isinstance(told, dict):
        return all(_same(read.get(name), told.get(name)) for name in read.keys() | told.keys())
    if isinstance(read, list) and isinstance(told, list):
        return len(read) == len(told) and all(map(_same, read, told))
    return bool(read == told or _moment(read) == _moment(told) is not None)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
