from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.vocabulary import Consent, OperatorAnswer, Payment, Verdict
from runtime.keys import Keys, guardian
from schemas.sealed import seal
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story


def many(keys: Keys, sink: Sink, count: int) -> list[Story]:
    """Households told one after the other; every second one has talked to us, times come in pairs."""
    stories = []
    for number in range(count):
        story = Story(keys, f"fam-{number:02}", partition=1, offset=number * 10)
        story.record(given.later(hours=number // 2))
        if number % 2:
            story.call(given.later(days=10, hours=number))
        sink.apply(story.records)
        stories.append(story)
    return stories


def test_a_lead_is_told_with_opened_names_state_context_and_decision(client: Client, story: Story) -> None:
    view = client.get("/api/leads/fam-1").json()
    decision = story.answers[1].decision

    assert [guardian["name"] for guardian in view["record"]["guardians"]] == ["Dana Whitfield"]
    assert [(child["name"], child["age"]) for child in view["record"]["children"]] == [("Mia", 9)]
    assert view["record"]["erased"] is False
    assert (view["status"], view["consent"]) == ("interested", "contactable")
    assert (view["state"], view["bucket"]) == ("interested:financial_concern", "financial_concern")
    assert view["context"]["stance"]["intent"] == "considering"
    assert view["context"]["objections"][0]["topic_class"] == "distance"
    assert (view["interactions"], view["sequence"]) == (1, 3)
    assert view["decision"]["decision_id"] == decision.decision_id
    assert datetime.fromisoformat(view["updated_at"]) == given.later(days=1, minutes=1)


def test_s3_a_lead_shows_its_sessions_and_payments_and_since_when_it_stands_so(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    sink.apply(story.records)
    first = client.get("/api/leads/fam-2").json()
    story.enrolment(given.later(days=1))
    story.session(given.later(days=2))
    missed = story.session(given.later(days=3), attended=False)
    owed = story.payment(given.later(days=4), Payment.MISSED)
    sink.apply(story.records)
    view = client.get("/api/leads/fam-2").json()

    assert (first["membership"], first["since"]) == (None, None)
    assert (view["status"], datetime.fromisoformat(view["since"])) == ("at_risk", given.later(days=4))
    told = view["membership"]
    assert datetime.fromisoformat(told["session_at"]) == given.later(days=3)
    assert datetime.fromisoformat(told["payment_at"]) == given.later(days=4)
    assert (told["missed_in_row"], told["missed"]["event_id"]) == (1, missed.event_id)
    assert told["owed"] == {"event_id": owed.event_id, "items": 1}


def test_an_unknown_lead_is_a_problem_without_its_id(client: Client) -> None:
    answer = client.get("/api/leads/fam-unheard")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:academy:problem:not-found")
    assert "fam-unheard" not in answer.text


def test_a_destroyed_key_erases_exactly_its_subject(client: Client, keys: Keys, sink: Sink) -> None:
    sink.database.execute(
        "UPDATE keys SET wrapped = NULL, destroyed_at = now() WHERE subject = %s", [guardian("fam-1", "g1")]
    )
    keys._by_id._keys.clear()  # another process destroyed it; ours knew it

    view = client.get("/api/leads/fam-1").json()

    assert view["record"]["guardians"][0]["name"] is None
    assert view["record"]["children"][0]["name"] == "Mia"
    assert view["record"]["erased"] is True
    assert client.get("/api/leads").json()["items"][0]["erased"] is True


def test_a_replaced_record_shows_and_a_conflicting_repeat_does_not(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = Story(keys, "fam-2", partition=1)
    first = story.record(given.NOON, name="Old Name")
    story.record(given.later(days=1), name="New Name")
    (adult,) = first.guardians
    false = seal(keys.of(guardian("fam-2", "g1")), first.event_id, "name", "False Name")
    forged = replace(first, guardians=(replace(adult, name=false),))
    story.repeat(forged, given.later(days=2), Verdict.CONFLICT)
    sink.apply(story.records)

    assert client.get("/api/leads/fam-2").json()["record"]["guardians"][0]["name"] == "New Name"


def test_a_patch_changes_only_what_it_gives(client: Client, keys: Keys, sink: Sink, story: Story) -> None:
    told = story.patch(given.later(days=3), {"children": {"c1": "Mia", "c2": "Ben"}, "campaign_goal": "camp"})
    story.patch(given.later(days=4), {"time_zone": "Europe/Berlin"})
    last = story.patch(given.later(days=5), {"guardians": {"g1": "Dana W.", "g2": "Lee"}})
    sink.apply(story.records)

    record = client.get("/api/leads/fam-1").json()["record"]

    assert [adult["name"] for adult in record["guardians"]] == ["Dana W.", "Lee"]
    assert [child["name"] for child in record["children"]] == ["Mia", "Ben"]
    assert (record["time_zone"], record["campaign_goal"]) == ("Europe/Berlin", "camp")
    assert record["event_id"] == last.event_id != told.event_id
    (item,) = client.get("/api/leads").json()["items"]
    assert (item["guardians"], item["children"]) == (["Dana W.", "Lee"], ["Mia", "Ben"])


def test_a_record_told_whole_again_ends_every_patch(client: Client, sink: Sink, story: Story) -> None:
    story.patch(given.later(days=3), {"children": {"c2": "Ben"}, "campaign_goal": "camp"})
    story.record(given.later(days=4), name="New Name")
    sink.apply(story.records)

    record = client.get("/api/leads/fam-1").json()["record"]

    assert [child["name"] for child in record["children"]] == ["Mia"]
    assert (record["guardians"][0]["name"], record["campaign_goal"]) == ("New Name", None)


def test_a_patch_alone_is_a_record_of_what_it_gives(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.patch(given.NOON, {"children": {"c1": "Mia"}})
    sink.apply(story.records)

    record = client.get("/api/leads/fam-2").json()["record"]

    assert [child["name"] for child in record["children"]] == ["Mia"]
    assert (record["guardians"], record["time_zone"], record["campaign_goal"]) == ([], None, None)


def test_s6_a_lead_shows_its_open_reviews_and_whether_its_decision_was_carried_out(
    client: Client, sink: Sink, story: Story
) -> None:
    view = client.get("/api/leads/fam-1").json()
    assert (view["reviews"], view["executed"]) == ([], False)

    story.answer(given.later(days=3), OperatorAnswer.EXECUTED, action="warm_follow_up")
    sink.apply(story.records)
    assert client.get("/api/leads/fam-1").json()["executed"] is True

    held = story.consent(given.later(days=4), Consent.HELD)
    sink.apply(story.records)
    view = client.get("/api/leads/fam-1").json()
    assert [(review["kind"], review["event_id"]) for review in view["reviews"]] == [("held", held.event_id)]
    assert view["executed"] is False


def test_pages_hold_every_lead_once_latest_first(client: Client, keys: Keys, sink: Sink) -> None:
    many(keys, sink, 9)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = client.get("/api/leads", limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [(item["updated_at"], item["lead_id"]) for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1

    assert len(seen) == len(set(seen)) == 10
    assert seen == sorted(seen, reverse=True)
    assert pages == 4


@pytest.mark.parametrize("sort", ["updated", "decided"])
def test_filters_choose_and_counts_ignore_the_status_only(
    client: Client, keys: Keys, sink: Sink, sort: str
) -> None:
    many(keys, sink, 9)

    page = client.get("/api/leads", status="new", sort=sort).json()
    assert {item["status"] for item in page["items"]} == {"new"}
    assert page["counts"] == {"new": 5, "interested": 5}

    page = client.get("/api/leads", bucket="financial_concern", action="scholarship_outreach").json()
    assert {item["decision"]["action"] for item in page["items"]} == {"scholarship_outreach"}
    assert page["counts"] == {"interested": 5}
    assert len(page["items"]) == 5


def test_what_is_due_is_counted_as_it_is_listed(client: Client, keys: Keys, sink: Sink) -> None:
    many(keys, sink, 24)
    sink.database.execute(
        "UPDATE leads SET executed_id = NULL, scheduled_for = timestamptz '2026-09-08 00:00Z'"
        " + mod(substr(lead_id, 5)::int, 8) * interval '7 hours' WHERE lead_id <> 'fam-03'"
    )
    sink.database.execute("UPDATE leads SET scheduled_for = NULL WHERE lead_id = 'fam-03'")
    found = set()
    for hours in range(-2, 56, 2):
        due = datetime(2026, 9, 8, tzinfo=UTC) + timedelta(hours=hours)
        page = client.get("/api/leads", due=due.isoformat(), limit=100).json()
        assert page["counts"] == Counter(item["status"] for item in page["items"])
        found.add(len(page["items"]))

    assert {0, 24} <= found
    assert len(found) > 6


def test_a_cursor_is_bound_to_its_filters(client: Client, keys: Keys, sink: Sink) -> None:
    many(keys, sink, 4)
    cursor = client.get("/api/leads", limit=2).json()["next_cursor"]

    assert client.get("/api/leads", limit=4, cursor=cursor).status_code == 200
    assert client.get("/api/leads", status="new", cursor=cursor).status_code == 422
    assert client.get("/api/leads", sort="decided", cursor=cursor).status_code == 422


def test_a_lead_that_nothing_has_answered_yet_is_listed_last(client: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-9", partition=1)
    story.record(given.later(days=30))
    sink.apply([record for record in story.records if record.topic in ("interactions", "enriched")])

    last = client.get("/api/leads").json()["items"][-1]

    assert (last["lead_id"], last["updated_at"], last["decision"]) == ("fam-9", None, None)
    assert last["guardians"] == ["Dana Whitfield"]
    assert client.get("/api/leads/fam-9").json()["updated_at"] is None
