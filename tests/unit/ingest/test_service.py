"""The app around the routes: readiness, metrics, document, and what it says when it cannot start."""

import json
from pathlib import Path

import pytest

from ingest import service
from ingest.clock import wall
from ingest.settings import IngestSettings
from runtime.errors import Misconfigured
from tests.unit.ingest.conftest import Ingest, call
from tests.unit.ingest.doubles import MemoryDecisions, MemoryKeys, MemoryOutlet
from tests.unit.runtime.asgi import client_of
from tests.unit.runtime.process import as_it_was

NOBODY = "postgresql://127.0.0.1:1/nobody"


def test_it_is_ready_with_kafka_and_postgres(ingest: Ingest) -> None:
    assert ingest.client.get("/readyz").json() == {"ready": True, "lag": 0, "detail": ""}


def test_it_is_not_ready_without_kafka(ingest: Ingest) -> None:
    ingest.outlet.away = True
    response = ingest.client.get("/readyz")
    assert response.status_code == 503
    assert "Kafka" in response.json()["detail"]
    assert ingest.client.get("/healthz").status_code == 200


def test_it_is_not_ready_without_postgres(ingest: Ingest) -> None:
    ingest.keys.away = True
    assert "Postgres" in ingest.client.get("/readyz").json()["detail"]


def test_a_wrong_master_key_is_told_by_readiness(settings: IngestSettings) -> None:
    class Foreign(MemoryKeys):
        def reachable(self) -> bool:
            raise Misconfigured("the keys are wrapped under master key aaa, ours is bbb")

    app = service.build(settings, MemoryOutlet(), Foreign(), MemoryDecisions(), wall)
    with client_of(app) as client:
        assert "ours is bbb" in client.get("/readyz").json()["detail"]


def test_metrics_count_events_and_requests_without_ids(ingest: Ingest) -> None:
    ingest.post("/api/interactions", call())
    ingest.post("/api/interactions", call(lead_id="not an id"))
    text = ingest.client.get("/metrics").text
    assert 'academy_ingest_produced_total{event="interaction"} 1.0' in text
    assert 'route="/api/interactions",status="202"} 1.0' in text
    assert 'route="/api/interactions",status="422"} 1.0' in text
    assert "lead-ada" not in text


def test_the_document_describes_both_routes(ingest: Ingest) -> None:
    document = ingest.client.get("/openapi.json").json()
    for path, body in (("/api/interactions", "InteractionBody"), ("/api/leads", "LeadBody")):
        post = document["paths"][path]["post"]
        content = post["requestBody"]["content"]["application/json"]
        assert content["schema"] == {"$ref": f"#/components/schemas/{body}"}
        assert content["examples"]
        assert {one["name"] for one in post["parameters"]} == {"Idempotency-Key", "traceparent"}
        assert "Accepted" in post["responses"]["202"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][body]
        assert schema["additionalProperties"] is False
        assert "id" in schema["properties"]


def test_the_prefix_heads_the_topic(settings: IngestSettings) -> None:
    prefixed = settings.model_copy(update={"topic_prefix": "demo-"})
    app = service.build(prefixed, MemoryOutlet(), MemoryKeys(), MemoryDecisions(), wall)
    with client_of(app) as client:
        headers = {"Authorization": "Bearer a-secret-of-the-tests"}
        answer = client.post("/api/interactions", json=call(), headers=headers).json()
    assert answer["topic"] == "demo-interactions"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "ACADEMY_KAFKA is not set"),
        ({"KAFKA": "127.0.0.1:1"}, "ACADEMY_POSTGRES is not set"),
        (
            {"KAFKA": "127.0.0.1:1", "POSTGRES": "postgresql://127.0.0.1:1/x", "TOKENS": "x"},
            "token 1 of ACADEMY_TOKENS",
        ),
    ],
)
def test_what_is_missing_ends_it_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    given: dict[str, str],
    sentence: str,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(f"ACADEMY_{name}", value)
    with as_it_was(), pytest.raises(SystemExit) as end:
        service.main()
    assert end.value.code == 1
    told = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert told["event"] == "stopped"
    assert sentence in told["detail"]
