"""The transitions that taught a table, and the versions of the parameters."""

from dataclasses import replace

import pytest

from domain.snapshots import taken
from runtime.keys import Keys
from runtime.transform import Record
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story


def test_transitions_are_complete_and_the_newest_comes_first(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    for day in (1, 2, 3):
        story.call(given.later(days=day))
    sink.apply(story.records)

    first = client.get("/api/learning/transitions", lead_id="fam-2", limit=2).json()
    second = client.get(
        "/api/learning/transitions", lead_id="fam-2", limit=2, cursor=first["next_cursor"]
    ).json()

    assert [item["version"] for item in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next_cursor"] is None
    made = story.answers[3].transitions[0]
    assert first["items"][0]["transition_id"] == made.transition_id
    assert first["items"][0]["reward"] == made.reward
    assert client.get("/api/learning/transitions", cursor=first["next_cursor"]).status_code == 422


def test_transitions_are_found_by_state_and_a_tables_creation_is_none(client: Client) -> None:
    (only,) = client.get("/api/learning/transitions", state="new:neutral").json()["items"]

    assert (only["from_state"], only["kind"]) == ("new:neutral", "organic")
    assert client.get("/api/learning/transitions").json()["items"] == [only]
    assert client.get("/api/learning/transitions", state="contacted:neutral").json()["items"] == []
    assert client.get("/api/learning/transitions", table="other").json()["items"] == []


def test_policies_tell_every_version_and_which_is_in_force(client: Client, sink: Sink) -> None:
    second = replace(given.PARAMETERS, version=2, ucb_c=0.5, recorded_at=given.later(days=1))
    third = replace(second, version=3)
    sink.apply(
        [
            Record("policies", 0, offset, key, value, given.NOON)
            for offset, (key, value) in enumerate(
                [("parameters|2", second), ("parameters|3", third), ("parameters", second)], 2
            )
        ]
    )

    items = client.get("/api/learning/policies").json()["items"]

    assert [(item["version"], item["in_force"]) for item in items] == [(3, False), (2, True), (1, False)]
    assert items[1]["parameters"]["ucb_c"] == 0.5
    assert {item["policy_id"] for item in items} == {"parameters"}


def test_p1_snapshots_are_told_and_the_champion_is_marked(client: Client, sink: Sink) -> None:
    assert client.get("/api/learning/policies").json()["snapshots"] == []
    first, second = (taken(given.seeded(), number, given.NOON, 0.5) for number in (1, 2))
    champion = replace(given.PARAMETERS, version=2, mode="promoted", policy_id="champion", champion=1)
    told = [
        ("snapshot|1", first),
        ("snapshot|2", second),
        ("parameters|2", champion),
        ("parameters", champion),
    ]
    sink.apply(
        [Record("policies", 0, offset, key, value, given.NOON) for offset, (key, value) in enumerate(told, 2)]
    )

    policies = client.get("/api/learning/policies").json()

    assert [(one["version"], one["champion"]) for one in policies["snapshots"]] == [(2, False), (1, True)]
    assert policies["snapshots"][0]["pairs"] == len(first.rows) > 60
    assert [(item["version"], item["in_force"]) for item in policies["items"]] == [(2, True), (1, False)]
    decided = client.post("/api/what-if", {"lead_id": "fam-1"}).json()
    assert (decided["mode"], decided["arm"], decided["policy_version"]) == ("promoted", "champion", 1)


def test_p5_means_over_a_statuss_buckets_are_shown_beside_its_values(client: Client) -> None:
    assert client.get("/api/learning/q-table").json()["pooled"] == []
    rows = client.get("/api/learning/q-table").json()["rows"]
    pooled = client.get("/api/learning/q-table", state="new:neutral").json()["pooled"]

    mine = [row for row in rows if row["state"].startswith("new:") and row["action"] == "warm_follow_up"]
    known = [row["visits"] + row["pseudo_visits"] for row in mine]
    mean = sum(row["q"] * count for row, count in zip(mine, known, strict=True)) / sum(known)
    (found,) = [one for one in pooled if one["action"] == "warm_follow_up"]
    assert found["q"] == pytest.approx(mean)
    assert (found["states"], found["visits"]) == (len(mine), 1)
    assert [one["q"] for one in pooled] == sorted((one["q"] for one in pooled), reverse=True)


def test_x2_a_plan_follows_what_most_often_followed(client: Client, keys: Keys, sink: Sink) -> None:
    current = client.get("/api/nba/fam-1/current").json()
    alone = client.get("/api/nba/fam-1/plan").json()
    led = replace(
        given.taught(current["state"], current["action"], 0.1),
        to_state="interested:neutral",
        next_actions=("scheduling_push", "wait"),
        elapsed_s=7200.0,
    )
    later = replace(led, transition_id="other", to_state="trial:neutral", next_actions=("wait",))
    twice = replace(led, transition_id="again", elapsed_s=3600.0)
    sink.apply(
        [
            Record("transitions", 0, offset, "default", value, given.NOON)
            for offset, value in enumerate((led, later, twice), 90)
        ]
    )

    plan = client.get("/api/nba/fam-1/plan").json()

    assert (plan["decision_id"], len(alone["steps"])) == (current["decision_id"], 1)
    assert alone["steps"][0]["leads_to"] is None
    first, second = plan["steps"]
    assert (first["state"], first["action"]) == (current["state"], current["action"])
    assert (first["leads_to"], first["wait_s"]) == ("interested:neutral", 5400.0)
    assert first["share"] == pytest.approx(2 / 3)
    assert (second["state"], second["action"]) == ("interested:neutral", "scheduling_push")
    assert client.get("/api/nba/fam-unheard/plan").status_code == 404
