"""Erasure in the views: keys, rows and texts go, once and for good, whatever comes late; the rest stays as it was."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from domain.receipts import Receipt
from projections import interactions as interactions_of
from projections.api.app import build
from projections.api.settings import ApiSettings
from projections.erasures import CLEAR, PURGED, Erasures
from projections.key_tables import erasures as wishes
from projections.service import build as build_views
from projections.service import every
from projections.tables import decisions, interactions, lead_states, leads, transitions
from runtime.forgetting import Told
from runtime.keys import Erased, Keys, child, guardian, household
from runtime.transform import Record
from runtime.views import rows_of
from tests import given
from tests.broker import eventually
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story, told

VIEWS = build_views()
BACKUPS = timedelta(days=30)
ERASURES = Erasures(BACKUPS)
AT = given.later(days=10)


def told_of(records: list[Record]) -> list[Told]:
    return [(one, given_row) for one in records for given_row in rows_of(VIEWS, one)]


def carried_out(sink: Sink) -> list[Receipt]:
    """The receipts, as they go onto their topic."""
    plain = sink.plain()
    ERASURES.carry_out(plain)
    return [output.value for output in ERASURES.untold(plain).values()]


@pytest.fixture
def client(settings: ApiSettings, engine: Engine, keys: Keys, sink: Sink) -> Client:
    app: FastAPI = build(settings, engine, keys, MemorySink())
    return Client(app)


@pytest.fixture
def story(keys: Keys, sink: Sink) -> Story:
    """Told, erased, and a call that was under way then."""
    found = told(keys)
    found.erase(AT)
    sink.apply(found.records)
    return found


def test_a_household_goes_from_every_view_of_people_and_the_receipt_counts_it(
    story: Story, sink: Sink, keys: Keys
) -> None:
    ids = {keys.of(subject).key_id for subject in (household("fam-1"), guardian("fam-1", "g1"))}

    (receipt,) = carried_out(sink)

    assert (receipt.lead_id, receipt.subject) == ("fam-1", None)
    assert ids <= {key.key_id for key in receipt.keys}
    assert {key.subject for key in receipt.keys} >= {"fam-1", "fam-1/g/g1", "fam-1/c/c1"}
    assert receipt.purged == {"interactions": 3, "leads": 1, "lead_states": 1, "lead_search": 2}
    assert [(copy.where, copy.until - receipt.destroyed_at) for copy in receipt.copies] == [
        ("inbox", CLEAR),
        ("backups", BACKUPS),
    ]
    assert sink.rows(leads) == sink.rows(lead_states) == []
    assert [row["kind"] for row in sink.rows(interactions)] == ["erasure"]
    assert len(sink.rows(decisions)) == len(story.of("decisions"))
    assert len(sink.rows(transitions)) == len(story.of("transitions"))
    for subject in ("fam-1", "fam-1/g/g1", "fam-1/g/new"):
        eventually(partial(_is_forgotten, keys, subject), "the key is forgotten")
        with pytest.raises(Erased):
            keys.of(subject)


def _is_forgotten(keys: Keys, subject: str) -> bool:
    return keys.held(subject) is None


def test_it_is_carried_out_once_and_told_until_it_is_told(story: Story, sink: Sink) -> None:
    plain = sink.plain()
    assert ERASURES.carry_out(plain) == 1
    assert ERASURES.carry_out(plain) == 0
    first, again = ERASURES.untold(plain), ERASURES.untold(plain)
    assert first == again
    ERASURES.told(plain, first)
    assert ERASURES.untold(plain) == {}


def test_nothing_happens_before_the_decider_has_answered(keys: Keys, sink: Sink) -> None:
    story = told(keys)
    story.erase(AT)
    last = story.of("decisions")[-1]
    sink.apply([one for one in story.records if one is not last])
    assert carried_out(sink) == []
    assert sink.rows(leads)
    sink.apply([last])
    assert len(carried_out(sink)) == 1


def test_a_duplicate_of_the_wish_is_no_wish(keys: Keys, sink: Sink, client: Client) -> None:
    """An id that comes twice is answered once: its second row waits for nothing and destroys nothing."""
    story = told(keys)
    wish = story.erase(AT, "g/g2")
    sink.apply(story.records)
    carried_out(sink)
    again = Record("interactions", 0, 99, "fam-1", wish, AT)
    sink.apply([again])
    assert len(carried_out(sink)) == 1
    assert len(client.get("/api/leads/fam-1/erasures").json()["items"]) == 1


def test_what_comes_late_leaves_nothing_of_the_household(story: Story, sink: Sink, keys: Keys) -> None:
    carried_out(sink)
    late = [one for one in story.records if one.topic in {"interactions", "enriched", "leads"}]

    kept = ERASURES.kept(sink.plain(), told_of(late))

    assert {view.table.name for view, _row in kept} == {"interactions", "erasures", "readings", "contacts"}
    assert {row["kind"] for view, row in kept if view is interactions_of.VIEW and "kind" in row} == {
        "erasure"
    }


def test_a_person_is_not_found_again_by_what_was_opened_a_moment_ago(keys: Keys, sink: Sink) -> None:
    """Another process has heard of it already; this one still held the key."""
    story = told(keys)
    story.erase(AT, "g/g1")
    sink.apply(story.records)
    record = story.of("interactions")[0]
    late = [(record, found) for found in rows_of(every(keys), record)]
    assert {row["subject"] for _record, (_view, row) in late if "tokens" in row} == {
        "fam-1/g/g1",
        "fam-1/c/c1",
    }

    carried_out(sink)

    kept = ERASURES.kept(sink.plain(), late)
    assert {row["subject"] for _view, row in kept if "tokens" in row} == {"fam-1/c/c1"}


def test_of_others_nothing_is_left_out(story: Story, sink: Sink, keys: Keys) -> None:
    carried_out(sink)
    other = Story(keys, "fam-2")
    other.record()
    batch = told_of(other.records)
    assert ERASURES.kept(sink.plain(), batch) == [given_row for _record, given_row in batch]


def test_one_person_loses_the_key_and_the_household_stays(keys: Keys, sink: Sink, client: Client) -> None:
    story = told(keys)
    story.erase(AT, "g/g1")
    sink.apply(story.records)
    mother = keys.of(guardian("fam-1", "g1"))

    (receipt,) = carried_out(sink)

    assert [key.key_id for key in receipt.keys] == [mother.key_id]
    assert receipt.purged == {"lead_search": 1}
    fresh = client.get("/api/leads/fam-1")
    assert fresh.status_code == 200
    body = fresh.json()
    assert body["record"]["children"][0]["name"] == "Mia"
    assert keys.of(child("fam-1", "c1")).key_id


def test_readers_are_told_that_it_is_gone_and_shown_the_receipt(
    story: Story, sink: Sink, client: Client
) -> None:
    (before,) = client.get("/api/leads/fam-1/erasures").json()["items"]
    assert before["receipt"] is None
    assert client.get("/api/leads/fam-1").status_code == 200

    carried_out(sink)

    for path in (
        "/api/leads/fam-1",
        "/api/leads/fam-1/timeline",
        "/api/nba/fam-1/current",
        "/api/nba/fam-1/history",
        "/api/nba/fam-1/plan",
        "/api/context/fam-1",
        "/api/context/fam-1/prepare-outbound-call",
    ):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 410), answer.text
    assert client.get("/api/leads").json()["items"] == []
    assert client.get("/api/queue").json()["items"] == []
    (wish,) = client.get("/api/leads/fam-1/erasures").json()["items"]
    assert wish["receipt"]["purged"]["interactions"] == 3
    assert wish["subject"] is None
    event = story.of("interactions")[-1].value
    assert client.get(f"/api/interactions/{event.event_id}").status_code == 200


def test_who_waits_for_the_erasure_is_let_go(story: Story, sink: Sink, client: Client) -> None:
    carried_out(sink)
    place = story.of("decisions")[-1].value.root_offset
    headers = {**client.headers, "Academy-After": f"interactions/0/{place}"}
    waiting = Client(client.app, headers)
    assert waiting.get("/api/leads/fam-1/erasures").status_code == 200


def test_decisions_of_a_household_that_is_gone_are_read_without_words(
    story: Story, sink: Sink, client: Client
) -> None:
    decision: Any = story.of("decisions")[0].value
    carried_out(sink)
    answer = client.get(f"/api/decisions/{decision.decision_id}")
    assert answer.status_code == 200
    assert "Dana" not in answer.text


def test_the_table_of_wishes_holds_no_word(story: Story, sink: Sink) -> None:
    carried_out(sink)
    text = str(sink.rows(wishes))
    assert not [word for word in ("Dana", "Mia", "Whitfield") if word in text]
    assert {table.name for table in PURGED} == {"interactions", "leads", "lead_states", "lead_search"}
