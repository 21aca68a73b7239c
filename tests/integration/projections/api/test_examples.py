"""The examples of the OpenAPI document are what the API answers of an invented household."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from domain.actions import ACTIONS
from projections.api import (
    context_routes,
    decision_routes,
    erasure_routes,
    learning,
    ledgers,
    outcomes,
    plan_routes,
    registry,
    routes,
    what_if_routes,
)
from projections.api.app import ABOUT, ready
from projections.api.examples import EXAMPLES
from projections.api.searched import tokens
from projections.api.settings import ApiSettings
from projections.api.what_if_views import EXAMPLE
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.api.family import ACADEMY, LEAD, Family7
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.letters import letter

NOW = given.later(days=3)


@pytest.fixture
def client(settings: ApiSettings, engine: Engine, keys: Keys, sink: Sink, family: Family7) -> Client:
    """Every route at one moment, over a household that talked to us and asks for more."""
    family.story.reminder(given.later(days=2, hours=2), given.later(days=2, hours=4))
    sink.apply([*family.story.records, letter()])
    rules = settings.model_copy(update={"tokens": SecretStr(f"analyst:{SECRET}:read+analyse")}).rules()
    served = [
        *routes.routers(engine, keys, tokens(keys), lambda: NOW),
        decision_routes.router(engine, keys, ACADEMY),
        context_routes.router(engine, keys, ACADEMY, lambda: NOW),
        what_if_routes.router(engine, keys, ACADEMY, lambda: NOW),
        plan_routes.router(engine),
        learning.router(engine, keys),
        ledgers.router(engine, keys, lambda: NOW),
        outcomes.router(engine),
        erasure_routes.router(engine),
        registry.router,
    ]
    return Client(web_app(ABOUT, served, rules, Metrics(), ready(engine)))


def paths(family: Family7) -> dict[str, tuple[str, dict[str, str]]]:
    """Every read by the name of its operation: path and query."""
    decision_id = family.story.answers[-1].decision.decision_id
    return {
        "list_leads": ("/api/leads", {}),
        "list_queue": ("/api/queue", {}),
        "list_reminders": ("/api/reminders", {"due": "now"}),
        "get_lead": (f"/api/leads/{LEAD}", {}),
        "list_timeline": (f"/api/leads/{LEAD}/timeline", {}),
        "get_interaction": (f"/api/interactions/{family.second.event_id}", {}),
        "get_current_decision": (f"/api/nba/{LEAD}/current", {}),
        "list_decisions": (f"/api/nba/{LEAD}/history", {}),
        "get_decision": (f"/api/decisions/{decision_id}", {}),
        "get_plan": (f"/api/nba/{LEAD}/plan", {}),
        "get_context": (f"/api/context/{LEAD}", {}),
        "prepare_outbound_call": (f"/api/context/{LEAD}/prepare-outbound-call", {}),
        "prepare_outbound_sms": (f"/api/context/{LEAD}/prepare-outbound-sms", {}),
        "prepare_inbound_call": (f"/api/context/{LEAD}/prepare-inbound-call", {}),
        "get_q_table": ("/api/learning/q-table", {"state": "new:neutral"}),
        "list_transitions": ("/api/learning/transitions", {}),
        "list_policies": ("/api/learning/policies", {}),
        "get_value_history": (
            "/api/learning/history",
            {"state": "new:neutral", "action": next(iter(ACTIONS))},
        ),
        "list_contacts": (f"/api/leads/{LEAD}/contacts", {}),
        "list_dead_letters": ("/api/dead-letters", {}),
        "get_funnel": ("/api/outcomes/funnel", {}),
        "get_rewards": ("/api/outcomes/rewards", {}),
        "get_costs": ("/api/costs", {}),
        "get_schema": ("/schemas/ids/1", {}),
        "get_schema_text": ("/schemas/ids/1/schema", {}),
        "list_subjects_of_schema": ("/schemas/ids/1/subjects", {}),
        "list_versions_of_schema": ("/schemas/ids/1/versions", {}),
        "list_schema_types": ("/schemas/types", {}),
        "list_references": ("/subjects/policies-snapshot/versions/1/referencedby", {}),
        "get_version_text": ("/subjects/policies-snapshot/versions/1/schema", {}),
        "list_subjects": ("/subjects", {}),
        "list_versions": ("/subjects/decisions-decision/versions", {}),
        "get_version": ("/subjects/policies-snapshot/versions/1", {}),
    }


@pytest.fixture
def answers(client: Client, family: Family7, sink: Sink) -> dict[str, Any]:
    found = {name: client.get(path, **params) for name, (path, params) in paths(family).items()}
    found["ask_what_if"] = client.post("/api/what-if", {**EXAMPLE, "lead_id": LEAD})
    sought = {"schema": found["get_schema"].json()["schema"]}
    found["look_up_schema"] = client.post("/subjects/interactions-interaction", sought)
    family.story.erase(given.later(days=2, hours=5), "g/g9")
    sink.apply(family.story.records)
    found["list_erasures"] = client.get(f"/api/leads/{LEAD}/erasures")
    assert {name: one.status_code for name, one in found.items()} == dict.fromkeys(found, 200)
    return {name: cut(one.json()) for name, one in found.items()}


def cut(value: Any) -> Any:
    """Two items say what a list holds."""
    if isinstance(value, dict):
        return {name: cut(one) for name, one in value.items()}
    return [cut(one) for one in value[:2]] if isinstance(value, list) else value


def test_every_example_is_an_answer(answers: dict[str, Any], tmp_path: Path) -> None:
    fresh = tmp_path / "examples.json"
    fresh.write_text(json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True) + "\n")

    assert answers == EXAMPLES, f"the API answers otherwise now: put {fresh} in the place of the examples"


def test_every_operation_that_answers_json_shows_an_answer(client: Client) -> None:
    paths = client.app.openapi()["paths"]
    silent = [
        operation["operationId"]
        for path, methods in paths.items()
        for operation in methods.values()
        if path.startswith(("/api", "/schemas", "/subjects"))
        and "example" not in operation["responses"]["200"]["content"]["application/json"]
    ]

    assert silent == []
