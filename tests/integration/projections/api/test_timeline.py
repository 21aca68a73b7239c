"""What happened with a household and what came of it, newest first."""

from typing import Any

import pytest

from domain.vocabulary import Verdict
from runtime.keys import Keys, guardian
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import NOTE, REASON, TRANSCRIPT, Story, acted


def walked(client: Client, lead_id: str, limit: int) -> list[dict[str, Any]]:
    """Every page's items."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"/api/leads/{lead_id}/timeline", limit=limit, **cursor).json()
        items += page["items"]
        assert len(page["items"]) <= limit
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


def test_an_event_comes_before_what_it_brought_about(client: Client) -> None:
    items = client.get("/api/leads/fam-1/timeline").json()["items"]

    assert [item["kind"] for item in items] == [
        "decision",
        "interaction",
        "decision",
        "transition",
        "interaction",
        "decision",
        "lead",
    ]
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)


def test_items_hold_opened_words_and_answers_in_short(client: Client, story: Story) -> None:
    verdict, repeat, decision, taught, told, _, record = client.get("/api/leads/fam-1/timeline").json()[
        "items"
    ]

    assert told["event"]["transcript"] == TRANSCRIPT
    assert told["extraction"]["facts"][0]["text"] == "Mia plays tennis"
    assert told["position"] == {"topic": "interactions", "partition": 0, "offset": 1}
    assert record["record"]["guardians"][0]["name"] == "Dana Whitfield"
    assert (told["event"] is None, record["event"]) == (False, None)
    assert (told["repeats"], repeat["repeats"], verdict["verdict"]) == (None, "duplicate", "duplicate")
    assert decision["decision_id"] == story.answers[1].decision.decision_id
    assert decision["action"] == "scholarship_outreach"
    assert taught["transition"]["reward"] == story.answers[1].transitions[0].reward


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_hold_every_item_once(client: Client, keys: Keys, sink: Sink, limit: int) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    calls = [story.call(given.later(days=1)), story.call(given.later(days=1, seconds=1))]
    story.repeat(calls[0], given.later(days=1, seconds=1), Verdict.DUPLICATE)
    sink.apply(story.records)
    whole = client.get("/api/leads/fam-2/timeline").json()["items"]

    assert len(whole) == 4 + 4 + 2
    assert walked(client, "fam-2", limit) == whole


def test_what_comes_meanwhile_moves_no_page(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    story.call(given.later(days=1))
    sink.apply(story.records)
    whole = walked(client, "fam-2", 200)
    first = client.get("/api/leads/fam-2/timeline", limit=2).json()
    story.call(given.later(days=2))
    sink.apply(story.records)

    rest = client.get("/api/leads/fam-2/timeline", cursor=first["next_cursor"]).json()["items"]

    assert first["items"] + rest == whole


def test_erased_words_are_null(client: Client, keys: Keys, sink: Sink) -> None:
    sink.database.execute("UPDATE keys SET wrapped = NULL WHERE subject = %s", [guardian("fam-1", "g1")])
    keys._by_id._keys.clear()  # another process destroyed it; ours knew it

    told = client.get("/api/leads/fam-1/timeline").json()["items"][4]

    assert (told["erased"], told["event"]["transcript"]) == (True, None)


def test_a_cursor_belongs_to_its_lead_and_an_unknown_lead_is_a_problem(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    sink.apply(story.records)
    cursor = client.get("/api/leads/fam-1/timeline", limit=1).json()["next_cursor"]

    assert client.get("/api/leads/fam-2/timeline", cursor=cursor).status_code == 422
    assert client.get("/api/leads/fam-unheard/timeline").status_code == 404


def test_acts_are_told_by_whom_and_why_and_are_followed_by_their_verdicts(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = acted(keys, "fam-2", partition=1)
    sink.apply(story.records)
    items = client.get("/api/leads/fam-2/timeline").json()["items"]
    told = {item["kind"]: item for item in items if item["kind"] not in ("decision", "transition")}
    verdicts = [item["verdict"] for item in reversed(items) if item["kind"] == "decision"]

    assert verdicts == [answer.decision.verdict for answer in story.answers]
    assert {name: item["act"] and item["act"].get("actor") for name, item in told.items()} == {
        "consent": "front-desk",
        "status": "front-desk",
        "enrolment": None,
        "attendance": None,
        "payment": None,
        "decision-answered": "front-desk",
        "lead-patched": None,
        "lead": None,
    }
    assert told["decision-answered"]["act"] == {
        "act": "decision-answered",
        "decision_id": story.answers[0].decision.decision_id,
        "answer": "rejected",
        "action": None,
        "reason": REASON,
        "note": NOTE,
        "actor": "front-desk",
    }
    assert (told["status"]["act"]["status"], told["status"]["act"]["kind"]) == ("trial", "correction")
    assert (told["consent"]["act"]["consent"], told["consent"]["act"]["reason"]) == ("opted_out", REASON)
    assert told["enrolment"]["act"]["external_ref"] == "ENR-1"
    ids = {"child_id": "c1", "external_ref": "SES-1"}
    assert told["attendance"]["act"] == {"act": "attendance", "attended": True, **ids}
    assert told["payment"]["act"] == {"act": "payment", "outcome": "missed", "external_ref": "INV-1"}
    patch = told["lead-patched"]["patch"]
    assert patch["given"] == ["children", "campaign_goal"]
    assert [child["name"] for child in patch["children"]] == ["Mia", "Benedict"]
    assert (patch["guardians"], patch["campaign_goal"]) == (None, "summer camp")
    assert all(item["event"] is None for item in told.values())
