"""Search over HTTP: who is found by what, beside the other filters, and nobody who was replaced or forgotten."""

from dataclasses import replace

import msgspec
import pytest

from domain.events import Guardian, Sealed
from domain.vocabulary import Verdict
from projections.event_tables import lead_search
from projections.search import purge
from runtime.keys import Keys, guardian
from schemas.sealed import seal
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story


@pytest.fixture
def two(keys: Keys, sink: Sink) -> list[Story]:
    """Dana Whitfield's household of the client's, and two of others: Lee with a number, and another Dana."""
    found = []
    for number, name in enumerate(("Lee Wong", "Dana Brandt")):
        story = Story(keys, f"fam-{number + 2}", partition=number)
        told = story.record(given.later(hours=number), name=name)
        (adult,) = told.guardians

        def sealed(field: str, text: str, story: Story = story, event_id: str = told.event_id) -> Sealed:
            return seal(keys.of(guardian(story._lead_id, "g1")), event_id, field, text)

        reached = Guardian(
            "g1",
            adult.name,
            sealed("phone", f"+1 312 555 010{number}"),
            sealed("email", f"l{number}@example.org"),
        )
        first = next(each for each in story.records if each.topic == "interactions")
        story.records[story.records.index(first)] = msgspec.structs.replace(
            first, value=replace(told, guardians=(reached,))
        )
        sink.apply(story.records)
        found.append(story)
    return found


def found(client: Client, q: str, **more: object) -> list[str]:
    answer = client.get("/api/leads", q=q, **more)
    assert answer.status_code == 200, answer.text
    return sorted(item["lead_id"] for item in answer.json()["items"])


@pytest.mark.usefixtures("two")
def test_households_are_found_by_name_number_and_address(client: Client) -> None:
    assert found(client, "dana") == ["fam-1", "fam-3"]
    assert found(client, "DAN whit") == ["fam-1"]
    assert found(client, "wong") == ["fam-2"]
    assert found(client, "555-0101") == ["fam-3"]
    assert found(client, "l0@example.org") == ["fam-2"]
    assert found(client, "lee 0100") == ["fam-2"]
    assert found(client, "lee 0101") == []
    assert found(client, "nobody") == []


@pytest.mark.usefixtures("two")
def test_words_may_be_of_several_people_of_one_household(client: Client) -> None:
    assert found(client, "mia") == ["fam-1", "fam-2", "fam-3"]
    assert found(client, "mia whitfield") == ["fam-1"]


@pytest.mark.usefixtures("two")
def test_search_goes_with_filters_counts_and_pages(client: Client) -> None:
    assert found(client, "dana", status="interested") == ["fam-1"]
    page = client.get("/api/leads", q="mia", limit=2).json()
    assert page["counts"] == {"new": 2, "interested": 1}
    rest = client.get("/api/leads", q="mia", limit=2, cursor=page["next_cursor"]).json()
    seen = [item["lead_id"] for item in page["items"] + rest["items"]]
    assert sorted(seen) == ["fam-1", "fam-2", "fam-3"]
    assert rest["next_cursor"] is None
    assert client.get("/api/leads", q="dana", cursor=page["next_cursor"]).status_code == 422
    assert client.get("/api/leads", cursor=page["next_cursor"]).status_code == 422


def test_a_changed_part_replaces_its_words_and_leaves_the_others(
    client: Client, story: Story, sink: Sink
) -> None:
    story.patch(given.later(days=3), {"guardians": {"g1": "Lee Wong"}})
    sink.apply(story.records)

    assert found(client, "whitfield") == []
    assert found(client, "wong mia") == ["fam-1"]
    assert len(sink.rows(lead_search)) == 2, "what was replaced is not kept"


def test_until_a_change_counts_the_words_before_it_are_found(
    client: Client, story: Story, sink: Sink
) -> None:
    before = len(story.records)
    story.patch(given.later(days=3), {"guardians": {"g1": "Lee Wong"}})
    told, counted = story.records[before], story.records[before + 1 :]
    sink.apply([told])
    assert (found(client, "whitfield"), found(client, "wong")) == (["fam-1"], [])

    sink.apply(counted)
    assert (found(client, "whitfield"), found(client, "wong")) == ([], ["fam-1"])
    assert len(sink.rows(lead_search)) == 2


def test_the_order_of_topics_makes_no_difference(client: Client, story: Story, sink: Sink) -> None:
    story.patch(given.later(days=3), {"guardians": {"g1": "Lee Wong"}})
    sink.apply(story.records)
    whole = sink.rows(lead_search)
    sink.database.execute("TRUNCATE lead_search, leads, interactions")

    for topic in ("enriched", "leads", "decisions", "interactions"):
        for record in story.records:
            if record.topic == topic:
                sink.apply([record])

    assert sink.rows(lead_search) == whole
    assert found(client, "wong") == ["fam-1"]


def test_a_false_repeat_finds_nobody(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-9", partition=1)
    first = story.record(given.NOON, name="Old Name")
    (adult,) = first.guardians
    false = seal(keys.of(guardian("fam-9", "g1")), first.event_id, "name", "False Person")
    story.repeat(
        replace(first, guardians=(replace(adult, name=false),)), given.later(days=2), Verdict.CONFLICT
    )
    sink.apply(story.records)

    assert found(client, "false person") == []
    assert found(client, "old name") == ["fam-9"]


@pytest.mark.usefixtures("story")
def test_a_person_or_a_household_is_purged(client: Client, sink: Sink) -> None:
    assert purge(sink.database, "fam-1", guardian("fam-1", "g1")) == 1
    assert (found(client, "dana"), found(client, "mia")) == ([], ["fam-1"])

    assert purge(sink.database, "fam-1", None) == 1
    assert found(client, "mia") == []


def test_who_was_forgotten_is_not_found_again_by_a_replay(
    client: Client, story: Story, sink: Sink, keys: Keys
) -> None:
    sink.database.execute(
        "UPDATE keys SET wrapped = NULL, destroyed_at = now() WHERE subject = %s", [guardian("fam-1", "g1")]
    )
    keys._by_id._keys.clear()
    purge(sink.database, "fam-1", guardian("fam-1", "g1"))

    sink.apply(story.records)

    assert (found(client, "dana"), found(client, "mia")) == ([], ["fam-1"])


@pytest.mark.usefixtures("client")
def test_no_word_is_in_the_database(sink: Sink) -> None:
    text = sink.database.execute(
        "SELECT string_agg(lead_search::text, ' ') AS all FROM lead_search"
    ).fetchone()

    assert text is not None
    assert not [word for word in ("dana", "whitfield", "mia") if word in text["all"].casefold()]
