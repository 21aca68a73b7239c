from dataclasses import fields

from domain.actions import ACTIONS
from domain.briefs import SIGNALS
from domain.records import Decision
from domain.vocabulary import Verdict
from runtime.keys import Keys
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story


def test_the_current_decision_is_complete_and_its_brief_is_text(client: Client, story: Story) -> None:
    view = client.get("/api/nba/fam-1/current").json()
    made = story.answers[1].decision

    assert set(view) == {field.name for field in fields(Decision)}
    assert (view["decision_id"], view["action"], view["sequence"]) == (made.decision_id, made.action, 1)
    assert [action["action"] for action in view["actions"]] == list(ACTIONS)
    assert sum(action["probability"] for action in view["actions"]) == 1.0
    assert view["contact"]["time_zone"] == "America/Chicago"
    texts = {said["id"]: said["text"] for said in view["brief"]["directives"]}
    assert texts["signal.financial_concern"] == SIGNALS["financial_concern"].text
    assert all(texts.values())
    assert view["brief"]["timing"] == ACTIONS["scholarship_outreach"].timing


def test_a_decision_is_found_by_its_id_and_so_is_a_verdict(client: Client, story: Story) -> None:
    decided, repeated = story.answers[1].decision, story.answers[2].decision

    assert (
        client.get(f"/api/decisions/{decided.decision_id}").json()
        == client.get("/api/nba/fam-1/current").json()
    )
    verdict = client.get(f"/api/decisions/{repeated.decision_id}").json()
    assert (verdict["verdict"], verdict["action"], verdict["brief"]) == ("duplicate", None, None)
    assert verdict["reason"] == repeated.reason


def test_history_pages_back_through_decisions_only(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    calls = [story.call(given.later(days=day)) for day in (1, 2, 3)]
    story.repeat(calls[-1], given.later(days=4), Verdict.DUPLICATE)
    sink.apply(story.records)

    first = client.get("/api/nba/fam-2/history", limit=3).json()
    second = client.get("/api/nba/fam-2/history", limit=3, cursor=first["next_cursor"]).json()

    assert [item["sequence"] for item in first["items"]] == [3, 2, 1]
    assert [item["sequence"] for item in second["items"]] == [0]
    assert second["next_cursor"] is None
    assert client.get("/api/nba/fam-1/history", cursor=first["next_cursor"]).status_code == 422


def test_what_is_unknown_is_a_problem(client: Client) -> None:
    for path in ("/api/nba/fam-unheard/current", "/api/nba/fam-unheard/history", "/api/decisions/nothing"):
        assert client.get(path).status_code == 404, path


def test_learned_values_name_their_version_and_the_best_comes_first(client: Client, story: Story) -> None:
    table = client.get("/api/learning/q-table", state="new:neutral").json()
    closed = story.answers[1].transitions[0]
    learned = next(row for row in table["rows"] if row["action"] == closed.action)

    assert (table["table_id"], table["version"], table["alpha"]) == ("default", 1, given.PARAMETERS.alpha)
    assert {row["state"] for row in table["rows"]} == {"new:neutral"}
    assert [row["q"] for row in table["rows"]] == sorted((row["q"] for row in table["rows"]), reverse=True)
    assert (learned["visits"], learned["pseudo_visits"], learned["reward_sum"]) == (1, 1, closed.reward)
    assert len(client.get("/api/learning/q-table").json()["rows"]) > 60
    assert client.get("/api/learning/q-table", table="other").status_code == 404
