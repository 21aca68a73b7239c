"""Every route that writes asks for its scope, and the document tells all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from domain.actions import ACTIONS
from ingest.service import build
from ingest.settings import IngestSettings
from runtime.openapi import JsonRoute
from runtime.tokens import Scope
from tests.unit.ingest.conftest import NOW, Ingest
from tests.unit.ingest.doubles import MemoryDecisions, MemoryKeys, MemoryOutlet
from tests.unit.runtime.asgi import Client, client_of

SCOPES = {
    ("POST", "/api/interactions"): Scope.INGEST,
    ("POST", "/api/interactions/sms"): Scope.INGEST,
    ("POST", "/api/interactions/batch"): Scope.INGEST,
    ("POST", "/api/leads"): Scope.INGEST,
    ("PATCH", "/api/leads/{lead_id}"): Scope.INGEST,
    ("DELETE", "/api/leads/{lead_id}"): Scope.ADMIN,
    ("POST", "/api/consent"): Scope.INGEST,
    ("POST", "/api/enrolments"): Scope.INGEST,
    ("POST", "/api/attendance"): Scope.INGEST,
    ("POST", "/api/payments"): Scope.INGEST,
    ("POST", "/api/leads/{lead_id}/consent/correct"): Scope.OPERATE,
    ("POST", "/api/leads/{lead_id}/status"): Scope.OPERATE,
    ("POST", "/api/decisions/{decision_id}/reject"): Scope.OPERATE,
    ("POST", "/api/decisions/{decision_id}/accept"): Scope.OPERATE,
    ("POST", "/api/decisions/{decision_id}/executed"): Scope.OPERATE,
    ("POST", "/api/reminders"): Scope.OPERATE,
    ("POST", "/api/reminders/{reminder_id}/snooze"): Scope.OPERATE,
    ("POST", "/api/reminders/{reminder_id}/dismiss"): Scope.OPERATE,
    ("POST", "/api/reminders/{reminder_id}/done"): Scope.OPERATE,
}
ROUTES = pytest.mark.parametrize(("method", "path"), SCOPES)


@pytest.fixture
def web(settings: IngestSettings) -> Iterator[Client]:
    """One token with this scope alone for each scope, and one with all the others."""
    given = [f"{scope}:only-{scope}-{'-' * 16}:{scope}" for scope in Scope]
    given += [
        f"no-{scope}:all-but-{scope}-{'-' * 16}:{'+'.join(other for other in Scope if other is not scope)}"
        for scope in Scope
    ]
    own = settings.model_copy(update={"tokens": SecretStr(",".join(given))})
    app = build(own, MemoryOutlet(), MemoryKeys(), MemoryDecisions(), lambda: NOW)
    with client_of(app) as client:
        yield client


def asked(web: Client, method: str, path: str, secret: str) -> int:
    """Answered to nonsense: 403 before anything else is looked at."""
    headers = {"Authorization": f"Bearer {secret}-{'-' * 16}", "Content-Type": "application/json"}
    return web.ask(method, path, headers=headers, content=b"nonsense").status_code


def test_every_route_is_listed_here(ingest: Ingest) -> None:
    own = [route for route in ingest.app.routes if isinstance(route, JsonRoute)]
    assert {(method, route.path) for route in own for method in route.methods or ()} == set(SCOPES)


@ROUTES
def test_a_route_asks_for_its_scope_and_no_other(web: Client, method: str, path: str) -> None:
    scope = SCOPES[method, path]
    real = path.replace("{lead_id}", "lead-ada")
    assert asked(web, method, real, f"all-but-{scope}") == 403
    assert asked(web, method, real, f"only-{scope}") == 400
    assert asked(web, method, real, "unknown") == 401


@ROUTES
def test_the_document_tells_of_a_route(ingest: Ingest, method: str, path: str) -> None:
    document = ingest.client.get("/openapi.json").json()
    operation: dict[str, Any] = document["paths"][path][method.lower()]
    named = {one["name"]: one["in"] for one in operation["parameters"]}
    segments = {part.strip("{}"): "path" for part in path.split("/") if part.startswith("{")}
    if method == "DELETE":
        assert "requestBody" not in operation
        assert named == {**segments, "subject": "query", "Idempotency-Key": "header", "traceparent": "header"}
        return
    content = operation["requestBody"]["content"]["application/json"]
    body = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert operation["summary"]
    assert operation["description"]
    assert content["examples"]
    assert body.get("additionalProperties") is False or body["type"] == "array"
    assert named == {**segments, "Idempotency-Key": "header", "traceparent": "header"}
    assert all(one["required"] for one in operation["parameters"] if one["in"] == "path")
    of_one = "decision_id" in path or "reminder_id" in path
    assert ({"404", "409"} <= set(operation["responses"])) is of_one
    assert {"401", "403", "410", "422", "503"} <= set(operation["responses"])


def test_operations_have_names_of_their_own_and_actions_are_listed(ingest: Ingest) -> None:
    document = ingest.client.get("/openapi.json").json()
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)
    schemas = document["components"]["schemas"]
    assert schemas["ExecutionBody"]["properties"]["action"]["enum"] == list(ACTIONS)
    assert schemas["ConsentBody"]["properties"]["consent"]["enum"] == ["contactable", "opted_out"]
    assert "default" not in schemas["PatchBody"]["properties"]["guardians"]
