"""What an operator does next, most urgent first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.vocabulary import Consent, Direction, OperatorAnswer, Status
from projections.api import routes
from projections.api.app import ABOUT, ready
from projections.api.searched import tokens
from projections.api.settings import ApiSettings
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story

At = Callable[[datetime], Client]


@pytest.fixture
def at(settings: ApiSettings, engine: Engine, keys: Keys) -> At:
    """The API at a moment."""

    def client(now: datetime) -> Client:
        served = routes.routers(engine, keys, tokens(keys), lambda: now)
        return Client(web_app(ABOUT, served, settings.rules(), Metrics(), ready(engine)))

    return client


@pytest.fixture
def households(keys: Keys, sink: Sink) -> dict[str, Story]:
    """Two reviews, three decisions whose time comes one after the other, and a family that said no."""
    told = {}
    for number, name in enumerate(("held", "again", "soon", "later", "done", "no")):
        told[name] = Story(keys, f"fam-{name}", partition=1, offset=number * 10)
        told[name].record(given.later(minutes=-number if name != "later" else 600))
    told["held"].consent(given.later(hours=3), Consent.HELD)
    told["again"].status(given.later(hours=1), Status.DECLINED)
    told["again"].call(given.later(hours=2), direction=Direction.INBOUND)
    told["done"].answer(given.later(hours=1), OperatorAnswer.EXECUTED, action="warm_follow_up")
    told["no"].consent(given.later(hours=1), Consent.OPTED_OUT)
    for story in told.values():
        sink.apply(story.records)
    return told


def scheduled(story: Story) -> datetime:
    at = story.answers[0].decision.scheduled_for
    assert at is not None
    return at


def walked(client: Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every page's items; more pages than items are a loop."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = client.get(path, **params, **cursor).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
    raise AssertionError("the pages have no end")


def items(client: Client, **params: Any) -> list[tuple[str, str]]:
    return [(item["kind"], item["lead_id"]) for item in client.get("/api/queue", **params).json()["items"]]


def test_s6_reviews_come_first_then_decisions_whose_time_has_come(
    at: At, households: dict[str, Story]
) -> None:
    soon = scheduled(households["soon"])
    assert soon < scheduled(households["later"])

    page = at(soon).get("/api/queue").json()

    assert [(item["kind"], item["lead_id"]) for item in page["items"]] == [
        ("inbound_after_decline", "fam-again"),
        ("held", "fam-held"),
        ("due_decision", "fam-soon"),
    ]
    assert page["counts"] == {"inbound_after_decline": 1, "held": 1, "due_decision": 1}
    assert page["next_cursor"] is None


def test_a_review_names_its_event_and_a_due_decision_itself(at: At, households: dict[str, Story]) -> None:
    _, held, due = at(scheduled(households["soon"])).get("/api/queue").json()["items"]
    told = households["held"].of("interactions")[-1].value
    decision = households["soon"].answers[0].decision

    assert (held["event_id"], held["decision_id"], held["action"]) == (told.event_id, None, None)
    assert datetime.fromisoformat(held["since"]) == told.occurred_at
    assert (held["status"], held["consent"]) == ("new", "held")
    assert (due["event_id"], due["decision_id"]) == (None, decision.decision_id)
    assert (due["action"], due["channel"]) == (decision.action, decision.channel)
    assert due["since"] == due["scheduled_for"]
    assert datetime.fromisoformat(due["since"]) == decision.scheduled_for
    assert (due["guardians"], due["children"], due["erased"]) == (["Dana Whitfield"], ["Mia"], False)


def test_a_decision_is_due_from_its_moment_until_it_is_carried_out(
    at: At, households: dict[str, Story], sink: Sink
) -> None:
    story, moment = households["later"], scheduled(households["later"])
    assert ("due_decision", "fam-later") in items(at(moment))
    assert ("due_decision", "fam-done") not in items(at(moment))

    story.answer(moment, OperatorAnswer.EXECUTED, action="warm_follow_up")
    sink.apply(story.records)

    assert ("due_decision", "fam-later") not in items(at(moment))


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_hold_every_item_once_in_order(at: At, households: dict[str, Story], limit: int) -> None:
    client = at(scheduled(households["later"]))
    whole = items(client)
    seen = [(item["kind"], item["lead_id"]) for item in walked(client, "/api/queue", limit=limit)]

    assert len(whole) == 4
    assert seen == whole


def test_what_an_operator_settles_leaves_the_queue(at: At, households: dict[str, Story], sink: Sink) -> None:
    households["held"].consent(given.later(hours=4), Consent.CONTACTABLE)
    households["again"].status(given.later(hours=4), Status.DECLINED)
    for name in ("held", "again"):
        sink.apply(households[name].records)

    assert at(given.NOON).get("/api/queue").json() == {"items": [], "counts": {}, "next_cursor": None}


def test_the_list_of_leads_shows_what_is_due_and_sorts_by_it(at: At, households: dict[str, Story]) -> None:
    soon, later = scheduled(households["soon"]), scheduled(households["later"])

    page = at(soon).get("/api/leads", due="now").json()
    assert [item["lead_id"] for item in page["items"]] == ["fam-soon"]
    assert page["counts"] == {"new": 1}

    page = at(soon).get("/api/leads", due=later.isoformat(), sort="due").json()
    assert [item["lead_id"] for item in page["items"]] == ["fam-soon", "fam-later"]

    everyone = at(soon).get("/api/leads", sort="due").json()["items"]
    assert [item["lead_id"] for item in everyone][:2] == ["fam-soon", "fam-later"]
    assert len(everyone) == len(households)
    assert {item["lead_id"]: (item["decision"] or {}).get("executed") for item in everyone} == {
        f"fam-{name}": name == "done" for name in households
    }


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_of_the_soonest_first_hold_every_lead_once(
    at: At, households: dict[str, Story], limit: int
) -> None:
    client = at(given.NOON)
    whole = [item["lead_id"] for item in client.get("/api/leads", sort="due").json()["items"]]

    seen = [item["lead_id"] for item in walked(client, "/api/leads", sort="due", limit=limit)]

    assert seen == whole


def test_a_cursor_for_now_holds_on_while_now_moves(at: At, households: dict[str, Story]) -> None:
    soon, later = scheduled(households["soon"]), scheduled(households["later"])
    first = at(later).get("/api/leads", due="now", sort="due", limit=1).json()

    rest = at(later).get("/api/leads", due="now", sort="due", cursor=first["next_cursor"])

    assert [item["lead_id"] for item in rest.json()["items"]] == ["fam-later"]
    other = at(later).get("/api/leads", due=soon.isoformat(), sort="due", cursor=first["next_cursor"])
    assert other.status_code == 422
