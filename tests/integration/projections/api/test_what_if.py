"""A5: what would be decided if a household stood otherwise is answered from the views, and writes nothing."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from domain.briefs import SIGNALS
from domain.states import Lead
from domain.vocabulary import Level, Sentiment, Status
from domain.what_if import SETTINGS, what_if
from projections.api import context_queries, what_if_queries, what_if_routes
from projections.api.app import ABOUT, ready
from projections.api.settings import ApiSettings
from projections.metadata import METADATA
from projections.tables import learning_tables, policies
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.api.family import ACADEMY, LEAD, Family7
from tests.integration.projections.sink import Sink
from tests.keyring import questions
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story

NOW = given.later(days=3)
PATH = "/api/what-if"


@pytest.fixture
def asker(settings: ApiSettings, engine: Engine, keys: Keys, family: Family7) -> Client:
    routers = [what_if_routes.router(engine, keys, ACADEMY, lambda: NOW)]
    return Client(web_app(ABOUT, routers, settings.rules(), Metrics(), ready(engine)))


def asked(client: Client, changes: Mapping[str, Any], lead_id: str = LEAD) -> dict[str, Any]:
    answer = client.post(PATH, {"lead_id": lead_id, "set": changes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_keys_of_its_draft_are_asked_for_at_once(
    asker: Client, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = questions(keys, monkeypatch)

    asked(asker, {"attempts": 2})

    assert [len(named) > 1 for named in together] == [True]


def digest(sink: Sink) -> dict[str, tuple[int, str]]:
    """Row count and hash of every table there is."""
    found = {table.name: sink.rows(table) for table in METADATA.sorted_tables}
    return {
        name: (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()) for name, rows in found.items()
    }


def test_it_is_a_decision_as_it_is_read_and_what_was_assumed(
    asker: Client, reader: Client, family: Family7
) -> None:
    made = family.story.answers[-1].decision
    current = reader.get(f"/api/decisions/{made.decision_id}").json()
    answer = asked(asker, {"status": "trial", "financial": "none", "attempts": 2})

    assert set(answer) == {*current, "assumed", "current"}
    assert answer["current"] == {"decision_id": made.decision_id, "action": made.action}
    assert answer["assumed"] == [
        {"name": "status", "old": made.status.value, "new": "trial"},
        {"name": "financial", "old": "moderate", "new": "none"},
        {"name": "attempts", "old": "0", "new": "2"},
    ]
    assert (answer["verdict"], answer["status"], answer["supersedes"]) == (
        "decision",
        "trial",
        made.decision_id,
    )
    assert answer["decided_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert sum(action["probability"] for action in answer["actions"]) == 1.0


def test_it_is_what_the_domain_decides_on_the_state_and_the_values_of_the_log(
    asker: Client, family: Family7
) -> None:
    lead = family.story.answers[-1].lead
    changes = {"status": "at_risk", "missed_session": "yes"}
    expected = what_if(lead, changes, NOW, family.story.learned).decision
    answer = asked(asker, changes)

    assert answer["decision_id"] == expected.decision_id
    assert (answer["action"], answer["table_version"]) == (
        expected.action,
        family.story.learned.values.version,
    )
    assert [(each["action"], each["q"], each["visits"], each["score"]) for each in answer["actions"]] == [
        (each.action, each.q, each.visits, each.score) for each in expected.actions
    ]


def test_its_brief_is_text_with_a_draft_that_speaks_to_the_family(asker: Client) -> None:
    answer = asked(asker, {"intent": "scheduling", "financial": "high", "failed": "voice"})
    texts = {said["id"]: said["text"] for said in answer["brief"]["directives"]}

    assert all(texts.values())
    assert texts["signal.financial_concern"] == SIGNALS["financial_concern"].text
    assert "Dana" in answer["brief"]["draft"]


def test_nothing_assumed_is_what_would_be_decided_now(asker: Client) -> None:
    answer = asker.post(PATH, {"lead_id": LEAD}).json()

    assert answer["assumed"] == []
    assert answer["decision_id"] == asked(asker, {})["decision_id"] != answer["current"]["decision_id"]


@pytest.mark.parametrize(
    ("changes", "override"),
    [
        ({"status": "declined", "intent": "scheduling", "consent": "held"}, "declined"),
        ({"consent": "opted_out", "status": "trial", "intent": "interested"}, "opted_out"),
    ],
)
def test_a5_a_no_is_a_no_whatever_else_is_assumed(
    asker: Client, changes: Mapping[str, str], override: str
) -> None:
    answer = asked(asker, changes)

    assert (answer["action"], answer["override"], answer["channel"]) == ("stop", override, None)


def test_a_lead_that_nobody_told_of_is_404(asker: Client) -> None:
    answer = asker.post(PATH, {"lead_id": "fam-unheard", "set": {"status": "trial"}})

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:academy:problem:not-found")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_value_that_is_none_is_422_with_its_field_and_the_vocabulary(asker: Client, name: str) -> None:
    answer = asker.post(PATH, {"lead_id": LEAD, "set": {name: "sunny"}})

    ((field, message),) = [(error["field"], error["message"]) for error in answer.json()["errors"]]
    assert (answer.status_code, field) == (422, f"set.{name}")
    assert all(value in message for value in SETTINGS[name].values)
    assert "sunny" not in answer.text


def test_a_name_that_is_none_is_422_with_all_names(asker: Client) -> None:
    answer = asker.post(PATH, {"lead_id": LEAD, "set": {"mood": "sunny"}})

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "set")
    assert all(name in error["message"] for name in SETTINGS)
    assert "mood" not in answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "lead_id"),
        ({"lead_id": LEAD, "sets": {}}, "sets"),
        ({"lead_id": LEAD, "set": ["status"]}, "set"),
        ({"lead_id": LEAD, "set": {"status": None}}, "set.status"),
        ({"lead_id": "fam\0", "set": {}}, "lead_id"),
    ],
)
def test_another_body_is_422(asker: Client, body: Any, field: str) -> None:
    answer = asker.post(PATH, body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_without_a_household_s_state_there_is_nothing_to_decide_on(asker: Client, sink: Sink) -> None:
    sink.database.execute("TRUNCATE lead_states")

    assert asker.post(PATH, {"lead_id": LEAD}).status_code == 404


@pytest.mark.parametrize("table", [policies, learning_tables], ids=str)
def test_before_the_first_start_is_over_it_is_503(asker: Client, sink: Sink, table: Any) -> None:
    sink.database.execute(f"TRUNCATE {table.name}")
    answer = asker.post(PATH, {"lead_id": LEAD})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_record_that_does_not_open_leaves_a_decision_without_names(asker: Client, sink: Sink) -> None:
    sink.database.execute(
        "UPDATE interactions SET recorded = jsonb_set(recorded, '{guardians,0,name,event_id}', '\"another\"')"
        " WHERE recorded -> 'guardians' -> 0 -> 'name' IS NOT NULL"
    )
    answer = asked(asker, {"financial": "high"})

    assert answer["action"]
    assert "Dana" not in (answer["brief"]["draft"] or "")


def test_the_document_names_everything_that_can_be_assumed(client: Client, story: Story) -> None:
    document = client.get("/openapi.json").json()
    body = document["components"]["schemas"]["WhatIfBody"]

    assert document["paths"][PATH]["post"]["responses"]["200"]
    assert list(body["properties"]["set"]["properties"]) == list(SETTINGS)
    assert body["properties"]["set"]["properties"]["payment"]["enum"] == ["owed", "paid"]
    assert asked(client, body["examples"][0]["set"], "fam-1")["lead_id"] == story.answers[0].lead.lead_id


def test_ten_thousand_leave_every_table_as_it_is(asker: Client, engine: Engine, sink: Sink) -> None:
    before = digest(sink)
    with engine.connect() as connection:
        row = context_queries.household(connection, LEAD)
        learned = what_if_queries.learned(connection)
    assert row is not None
    assert learned is not None
    lead = msgspec.convert({**row["folded"], "lead_id": LEAD}, Lead)
    values = repr(list(learned.values))
    combined = [
        {"status": status.value, "financial": level.value, "sentiment": sentiment.value}
        for status in Status
        for level in Level
        for sentiment in Sentiment
    ]

    for number in range(10_000):
        what_if(lead, combined[number % len(combined)], given.later(days=3, seconds=number), learned)
    actions = {asked(asker, combined[number % len(combined)])["action"] for number in range(200)}

    assert len(actions) > 3
    assert repr(list(learned.values)) == values
    assert digest(sink) == before
    assert {name for name, (rows, _) in before.items() if rows} >= {"decisions", "transitions", "q_table"}
