import pytest
from fastapi import FastAPI

from tests.unit.projections.api.client import SECRET, Client

PATHS = (
    "/api/leads",
    "/api/leads/fam-1",
    "/api/leads/fam-1/timeline",
    "/api/decisions/d-1",
    "/api/nba/fam-1/current",
    "/api/nba/fam-1/plan",
    "/api/context/fam-1",
    "/api/context/fam-1/prepare-outbound-call",
    "/api/learning/q-table",
    "/api/learning/transitions",
    "/api/learning/policies",
    "/api/events",
    "/api/leads/fam-1/contacts",
    "/api/dead-letters",
)
ANALYSED = ("/api/outcomes/funnel", "/api/outcomes/rewards", "/api/costs")


@pytest.mark.parametrize("path", PATHS)
def test_a_token_with_the_scope_read_is_needed(path: str, client: Client) -> None:
    writer = Client(client.app, {"Authorization": f"Bearer {SECRET}-2"})

    assert Client(client.app, {}).get(path).status_code == 401
    assert writer.get(path).status_code == 403


@pytest.mark.parametrize("path", ANALYSED)
def test_a_token_with_the_scope_analyse_is_needed(path: str, client: Client) -> None:
    analyst = Client(client.app, {"Authorization": f"Bearer {SECRET}-3"})

    assert client.get(path).status_code == 403
    assert analyst.get(path).status_code == 503


def test_the_history_of_a_value_is_for_readers(client: Client) -> None:
    asked = {"state": "new:neutral", "action": "wait"}
    analyst = Client(client.app, {"Authorization": f"Bearer {SECRET}-3"})

    assert client.get("/api/learning/history", **asked).status_code == 503
    assert analyst.get("/api/learning/history", **asked).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_without_postgres_a_read_is_told_to_come_again(path: str, client: Client) -> None:
    answer = client.get(path)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_exports_are_for_analysts_and_need_postgres_too(client: Client) -> None:
    answer = Client(client.app, {"Authorization": f"Bearer {SECRET}-3"}).get("/api/exports/leads")

    assert client.get("/api/exports/leads").status_code == 403
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:academy:problem:unavailable")


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/api/leads", {"status": "unheard_of"}, "status"),
        ("/api/leads", {"limit": 201}, "limit"),
        ("/api/leads", {"limit": 0}, "limit"),
        ("/api/leads", {"sort": "name"}, "sort"),
        ("/api/leads", {"stauts": "new"}, "stauts"),
        ("/api/leads", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/leads", {"q": "?!"}, "q"),
        ("/api/leads", {"q": "x" * 201}, "q"),
        ("/api/leads", {"q": "a b c d e f g h i"}, "q"),
        ("/api/leads/fam-1/contacts", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/dead-letters", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/dead-letters", {"group": "nobody"}, "group"),
        ("/api/dead-letters", {"state": "lost"}, "state"),
        ("/api/learning/history", {"state": "new:neutral", "action": "dance"}, "action"),
        ("/api/learning/history", {"state": "new", "action": "wait"}, "state"),
        ("/api/learning/history", {"state": "new:neutral", "action": "wait", "points": "1"}, "points"),
        ("/api/nba/fam-1/history", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/learning/q-table", {"state": "new"}, "state"),
        ("/api/leads", {"due": "2026-09-07T17:00:00"}, "due"),
        ("/api/leads", {"due": "soon"}, "due"),
        ("/api/queue", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/queue", {"limit": 201}, "limit"),
        ("/api/leads/fam-1/timeline", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/leads/fam-1/timeline", {"limit": "201"}, "limit"),
        ("/api/learning/transitions", {"cursor": "nobody-gave-this"}, "cursor"),
        ("/api/learning/transitions", {"state": "new"}, "state"),
        ("/api/learning/transitions", {"lead_id": "fam\0"}, "lead_id"),
        ("/api/events", {"kinds": "reward"}, "kinds[0]"),
        ("/api/events", {"leads": "fam-1"}, "leads"),
        ("/api/leads/fam%001", {}, "lead_id"),
    ],
)
def test_a_wrong_parameter_is_named(path: str, params: dict[str, str], field: str, client: Client) -> None:
    answer = client.get(path, **params)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/api/costs", {"by": "day,weather"}, "by"),
        ("/api/costs", {"by": "day,day"}, "by"),
        ("/api/costs", {"by": ""}, "by"),
        ("/api/costs", {"since": "yesterday"}, "since"),
        ("/api/outcomes/funnel", {"since": "2026-09-01T00:00:00"}, "since"),
        ("/api/outcomes/rewards", {"table": "?"}, "table"),
        (
            "/api/outcomes/rewards",
            {"since": "2026-09-02T00:00:00Z", "until": "2026-09-01T00:00:00Z"},
            "until",
        ),
    ],
)
def test_what_an_analyst_asks_wrong_is_named(
    path: str, params: dict[str, str], field: str, client: Client
) -> None:
    analyst = Client(client.app, {"Authorization": f"Bearer {SECRET}-3"})
    answer = analyst.get(path, **params)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_what_was_searched_for_is_never_repeated(client: Client) -> None:
    answer = client.get("/api/leads", q="dana whitfield 555 0101 one two three four five six seven eight")

    assert answer.status_code == 422
    assert "whitfield" not in answer.text


def test_a_reader_of_its_own_writes_is_told_at_once_that_postgres_is_away(app: FastAPI) -> None:
    reader = Client(app, {"Authorization": f"Bearer {SECRET}", "Academy-After": "interactions/0/1"})

    answer = reader.get("/api/leads")

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:academy:problem:unavailable")


def test_operations_are_named_for_their_functions_and_say_their_problems(app: FastAPI) -> None:
    document = app.openapi()
    found = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }

    assert len(found) == sum(len(path) for path in document["paths"].values())
    assert {"list_leads", "get_lead", "get_interaction", "get_current_decision", "list_decisions"} <= set(
        found
    )
    assert {"get_decision", "get_q_table", "get_schema", "list_subjects"} <= set(found)
    assert {"list_timeline", "list_transitions", "list_policies", "list_queue", "list_contacts"} <= set(found)
    assert {"list_dead_letters", "get_funnel", "get_rewards", "get_costs", "get_value_history"} <= set(found)
    for name in (
        "list_leads",
        "list_queue",
        "get_lead",
        "list_timeline",
        "get_interaction",
        "get_decision",
        "list_decisions",
    ):
        assert "Academy-After" in {one["name"] for one in found[name]["parameters"]}
    assert {"get_context", "prepare_outbound_sms", "prepare_inbound_call"} <= set(found)
    assert "409" in found["prepare_outbound_call"]["responses"]
    for name in ("get_lead", "list_leads", "list_timeline", "get_plan", "list_policies"):
        assert "304" in found[name]["responses"]
    assert "304" not in found["get_context"]["responses"]
    for name in ("get_lead", "get_context", "get_decision", "get_interaction", "get_current_decision"):
        assert {"401", "403", "404", "422", "503"} <= set(found[name]["responses"])


def test_every_reference_of_the_document_leads_somewhere(app: FastAPI) -> None:
    document = app.openapi()
    references = _references(document)

    assert references
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(value) for value in node)) if isinstance(node, list) else set()
