"""The transitions that taught a table, and the versions of the parameters."""

from dataclasses import replace

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
