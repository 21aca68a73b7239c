"""Open reminders: the list of all, a household's own, and what of them the queue shows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.vocabulary import Direction, OperatorAnswer, ReminderAnswer
from projections.api import routes
from projections.api.app import ABOUT, ready
from projections.api.searched import tokens
from projections.api.settings import ApiSettings
from runtime.keys import Keys, household
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.api.test_queue import items, walked
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import NOTE, Story

At = Callable[[datetime], Client]
SET, DUE = given.later(minutes=10), given.later(hours=30)


@pytest.fixture
def at(settings: ApiSettings, engine: Engine, keys: Keys) -> At:
    """The API at a moment."""

    def client(now: datetime) -> Client:
        served = routes.routers(engine, keys, tokens(keys), lambda: now)
        return Client(web_app(ABOUT, served, settings.rules(), Metrics(), ready(engine)))

    return client


@pytest.fixture
def ada(keys: Keys, sink: Sink) -> Story:
    """A household with the reminder of its first decision, and one that an operator set for later."""
    story = Story(keys, "fam-ada", partition=1)
    story.record()
    story.reminder(SET, DUE)
    sink.apply(story.records)
    return story


def manual(story: Story) -> str:
    found: str = story.of("interactions")[1].value.event_id
    return found


def listed(client: Client, **asked: Any) -> list[tuple[str, str]]:
    """Kind and lead of each reminder in the list."""
    found = client.get("/api/reminders", **asked).json()["items"]
    return [(item["kind"], item["lead_id"]) for item in found]


def expected(*stories: Story) -> list[tuple[datetime, str, str]]:
    """Every open reminder as the decider's state has it, the soonest first."""
    leads = [story.answers[-1].lead for story in stories]
    return sorted((one.due_at, lead.lead_id, one.reminder_id) for lead in leads for one in lead.reminders)


def test_x1_every_open_reminder_is_listed_the_soonest_first(at: At, ada: Story) -> None:
    decision = ada.answers[0].decision
    first, second = at(given.NOON).get("/api/reminders").json()["items"]

    assert datetime.fromisoformat(first.pop("due_at")) == decision.scheduled_for
    assert datetime.fromisoformat(second.pop("due_at")) == DUE
    shared = {
        "decision_id": decision.decision_id,
        "action": decision.action,
        "fired": False,
        "lead_id": "fam-ada",
        "status": "new",
        "guardians": ["Dana Whitfield"],
        "children": ["Mia"],
        "erased": False,
    }
    assert first == {"reminder_id": decision.decision_id, "kind": "automatic", "note": None, **shared}
    assert second == {"reminder_id": manual(ada), "kind": "manual", "note": NOTE, **shared}


def test_due_leaves_out_what_comes_later(at: At, ada: Story) -> None:
    scheduled = ada.answers[0].decision.scheduled_for
    assert scheduled is not None
    assert scheduled < DUE
    both = [("automatic", "fam-ada"), ("manual", "fam-ada")]

    assert listed(at(given.NOON), due="now") == []
    assert listed(at(scheduled), due="now") == both[:1]
    assert listed(at(given.NOON), due=(DUE - timedelta(seconds=1)).isoformat()) == both[:1]
    assert listed(at(given.NOON), due=DUE.isoformat()) == both


def test_x1_what_is_fired_stays_until_it_is_answered(at: At, ada: Story, sink: Sink) -> None:
    ada.wake()
    ada.wake()
    sink.apply(ada.records)
    assert [one["fired"] for one in at(DUE).get("/api/reminders").json()["items"]] == [True, True]

    ada.remind(given.later(hours=31), manual(ada), ReminderAnswer.SNOOZED, given.later(days=9))
    sink.apply(ada.records)
    snoozed = at(DUE).get("/api/reminders").json()["items"][-1]
    assert (snoozed["kind"], snoozed["fired"], snoozed["note"]) == ("manual", False, NOTE)
    assert datetime.fromisoformat(snoozed["due_at"]) == given.later(days=9)

    ada.remind(given.later(hours=32), manual(ada), ReminderAnswer.DISMISSED)
    sink.apply(ada.records)
    assert listed(at(DUE)) == [("automatic", "fam-ada")]


def test_x1_what_is_done_goes_with_the_reminder_of_its_decision(at: At, ada: Story, sink: Sink) -> None:
    ada.remind(given.later(hours=1), manual(ada), ReminderAnswer.DONE)
    sink.apply(ada.records)

    assert listed(at(DUE)) == []
    assert at(DUE).get("/api/leads/fam-ada").json()["executed"] is True


def test_x1_the_next_decision_reminds_in_place_of_the_one_before(at: At, ada: Story, sink: Sink) -> None:
    ada.call(given.later(hours=2), direction=Direction.INBOUND)
    sink.apply(ada.records)

    found = at(DUE).get("/api/reminders").json()["items"]
    assert {one["reminder_id"] for one in found} == {manual(ada), ada.answers[-1].decision.decision_id}
    assert len(found) == 2


def test_a_household_shows_its_own(at: At, ada: Story, keys: Keys, sink: Sink) -> None:
    other = Story(keys, "fam-ben", partition=1, offset=50)
    other.record(given.later(hours=1))
    sink.apply(other.records)

    shown = at(given.NOON).get("/api/leads/fam-ada").json()["reminders"]
    whole = at(given.NOON).get("/api/reminders").json()["items"]

    beside = ("lead_id", "status", "guardians", "children")
    own = [one for one in whole if one["lead_id"] == "fam-ada"]
    assert shown == [{name: one[name] for name in one if name not in beside} for one in own]
    assert [one["kind"] for one in shown] == ["automatic", "manual"]


def test_the_timeline_tells_who_asked_and_what_was_said(at: At, ada: Story, sink: Sink) -> None:
    ada.remind(given.later(hours=2), manual(ada), ReminderAnswer.SNOOZED, given.later(days=9))
    sink.apply(ada.records)

    told = at(DUE).get("/api/leads/fam-ada/timeline").json()["items"]
    said, asked = (one["act"] for one in told if one["kind"] in ("reminder", "reminder-answered"))

    assert (asked["act"], asked["note"], asked["actor"]) == ("reminder", NOTE, "front-desk")
    assert (said["reminder_id"], said["answer"]) == (manual(ada), "snoozed")
    assert datetime.fromisoformat(said["until"]) == given.later(days=9)


def test_x1_the_queue_shows_what_operators_set_once_it_is_due(
    at: At, ada: Story, keys: Keys, sink: Sink
) -> None:
    early = Story(keys, "fam-ben", partition=1, offset=50)
    early.record(given.later(hours=1))
    early.answer(given.later(hours=2), OperatorAnswer.EXECUTED, action="warm_follow_up")
    early.reminder(given.later(hours=3), given.later(hours=4))
    early.reminder(given.later(hours=3, minutes=1), given.later(days=20))
    sink.apply(early.records)

    assert ("reminder", "fam-ada") not in items(at(DUE - timedelta(seconds=1)))
    page = at(DUE).get("/api/queue").json()

    assert [(one["kind"], one["lead_id"]) for one in page["items"]] == [
        ("reminder", "fam-ben"),
        ("reminder", "fam-ada"),
        ("due_decision", "fam-ada"),
    ]
    assert page["counts"] == {"reminder": 2, "due_decision": 1}
    _, asked, due = page["items"]
    assert (asked["event_id"], asked["note"], asked["guardians"]) == (manual(ada), NOTE, ["Dana Whitfield"])
    assert datetime.fromisoformat(asked["since"]) == DUE
    assert (asked["decision_id"], asked["action"], asked["channel"], asked["scheduled_for"]) == (None,) * 4
    assert (due["note"], due["action"]) == (None, "warm_follow_up")


def test_an_erased_note_is_null(at: At, ada: Story, keys: Keys, sink: Sink) -> None:
    sink.database.execute("UPDATE keys SET wrapped = NULL WHERE subject = %s", [household("fam-ada")])
    keys._by_id._keys.clear()  # another process destroyed it; ours knew it

    _, asked = at(DUE).get("/api/reminders").json()["items"]
    _, own = at(DUE).get("/api/leads/fam-ada").json()["reminders"]
    queued = at(DUE).get("/api/queue").json()["items"][0]

    assert [(one["note"], one["erased"]) for one in (asked, own, queued)] == [(None, True)] * 3


def test_a_state_of_before_has_none(at: At, ada: Story, sink: Sink) -> None:
    sink.database.execute(
        "UPDATE lead_states SET folded = folded - 'reminders', reminds_at = NULL, asked_at = NULL"
    )

    assert listed(at(DUE)) == []
    assert at(DUE).get("/api/leads/fam-ada").json()["reminders"] == []
    assert at(DUE).get("/api/queue").json()["counts"] == {"due_decision": 1}


@pytest.fixture
def many(keys: Keys, sink: Sink) -> list[Story]:
    """Twelve households with up to three reminders of operators each, many of them at the same moments."""
    draw, stories = Random(7), []  # noqa: S311 - the same households each time, no secret
    for number in range(12):
        story = Story(keys, f"fam-{number:02}", partition=1, offset=number * 10)
        story.record(given.later(hours=draw.randrange(4)))
        for ordinal in range(draw.randrange(4)):
            story.reminder(given.later(hours=5, minutes=ordinal), given.later(hours=draw.randrange(6, 48, 6)))
        if number % 4 == 3:
            story.answer(given.later(hours=6), OperatorAnswer.EXECUTED, action="warm_follow_up")
        sink.apply(story.records)
        stories.append(story)
    return stories


@pytest.mark.parametrize("limit", [2, 3, 5, 200])
@pytest.mark.parametrize("due", [None, given.later(hours=24)])
def test_pages_hold_every_reminder_once_in_order(
    at: At, many: list[Story], limit: int, due: datetime | None
) -> None:
    whole = [one for one in expected(*many) if due is None or one[0] <= due]
    assert len({one[1] for one in whole}) < len(whole)
    assert len({one[0] for one in whole}) < len(whole)
    asked = {} if due is None else {"due": due.isoformat()}

    seen = walked(at(given.NOON), "/api/reminders", limit=limit, **asked)

    assert [
        (datetime.fromisoformat(one["due_at"]), one["lead_id"], one["reminder_id"]) for one in seen
    ] == whole


@pytest.mark.parametrize("limit", [2, 3, 7])
def test_pages_of_the_queue_hold_every_item_once(at: At, many: list[Story], limit: int) -> None:
    client = at(given.later(hours=36))
    whole = client.get("/api/queue", limit=200).json()

    assert whole["counts"]["reminder"] > 7
    assert whole["counts"]["due_decision"] > 3
    assert len(whole["items"]) == sum(whole["counts"].values())
    assert walked(client, "/api/queue", limit=limit) == whole["items"]


def test_a_cursor_belongs_to_its_list_and_what_is_asked_is_checked(at: At, ada: Story) -> None:
    client = at(DUE)
    cursor = client.get("/api/reminders", limit=1).json()["next_cursor"]

    assert client.get("/api/reminders", cursor=cursor, due="now").status_code == 422
    assert client.get("/api/queue", cursor=cursor).status_code == 422
    for wrong in ({"due": "zzyzx"}, {"due": "2026-09-07T17:00:00"}, {"limit": 0}, {"status": "new"}):
        answer = client.get("/api/reminders", **wrong)
        assert answer.status_code == 422
        assert "zzyzx" not in answer.text


def test_a_reader_may_wait_for_what_was_written(at: At, ada: Story) -> None:
    operation = at(DUE).get("/openapi.json").json()["paths"]["/api/reminders"]["get"]

    assert "Academy-After" in {one["name"] for one in operation["parameters"]}
    client = at(DUE)
    own = Client(client.app, {**client.headers, "Academy-After": "interactions/1/1"})
    assert len(own.get("/api/reminders").json()["items"]) == 2
