"""Contacts, dead letters, outcomes, costs and the history of a value over HTTP, each beside what the log says."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.vocabulary import Channel, Direction, Failure, Outcome
from extractor.costs import costs, total
from projections.api import ledgers
from projections.api.app import ABOUT, build, ready
from projections.api.settings import ApiSettings
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.transform import Record
from runtime.web import web_app
from tests import given
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.extractor.test_costs import ASKED
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story
from tests.unit.projections.letters import discarded, letter, redriven

NOW = given.later(days=4)


@pytest.fixture
def client(settings: ApiSettings, engine: Engine, keys: Keys, client: Client) -> Client:
    """The whole API, its clock stopped where contacts and letters are counted."""
    app = web_app(
        ABOUT, [ledgers.router(engine, keys, lambda: NOW)], settings.rules(), Metrics(), ready(engine)
    )
    return Client(app)


@pytest.fixture
def analyst(settings: ApiSettings, engine: Engine, keys: Keys) -> Client:
    return Client(build(settings, engine, keys, MemorySink()))


def test_c1_a_household_shows_its_contacts_and_how_many_count_now(
    client: Client, story: Story, sink: Sink
) -> None:
    for hours in (40, 80, 90):
        story.call(given.later(hours=hours), channel=Channel.SMS, outcome=Outcome.COMPLETED)
    story.call(given.later(hours=91), direction=Direction.INBOUND)
    sink.apply(story.records)

    page = client.get("/api/leads/fam-1/contacts", limit=3).json()
    rest = client.get("/api/leads/fam-1/contacts", limit=3, cursor=page["next_cursor"]).json()

    times = [datetime.fromisoformat(each["at"]) for each in page["items"] + rest["items"]]
    assert times == [given.later(hours=hours) for hours in (90, 80, 40, 24)]
    assert (page["last_day"], page["last_week"], rest["next_cursor"]) == (2, 4, None)
    first = story.answers[0].decision
    assert rest["items"][0]["in_force_id"] == first.decision_id, "the first call answers the first decision"
    assert client.get("/api/leads/fam-unheard/contacts").status_code == 404


def test_dead_letters_say_what_became_of_each(client: Client, sink: Sink) -> None:
    for number in range(4):
        sink.apply([letter("decider.dead", number, given.later(hours=number))])
    sink.apply(
        [letter("ingest.dead", 0, given.later(hours=50)), letter("ingest.dead", 1, given.later(hours=80))]
    )
    sink.apply(
        [discarded("decider/1/0", 9, given.later(days=1)), redriven("decider/1/1", given.later(days=1))]
    )

    answer = client.get("/api/dead-letters")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [each["place"] for each in page["items"]] == ["ingest/1/1", "decider/1/3", "decider/1/2"]
    assert page["waiting"] == {"decider": 2, "ingest": 1}, "one of ingest is kept for a day only"
    item = page["items"][1]
    assert (item["topic"], item["record_partition"], item["record_offset"]) == ("enriched", 1, 73)
    assert (item["error"], item["reason"], item["state"]) == (
        "Rejected",
        "the lead was never told",
        "waiting",
    )
    assert datetime.fromisoformat(item["kept_until"]) == given.later(hours=3) + timedelta(days=30)
    states = client.get("/api/dead-letters", state="all", group="decider").json()["items"]
    assert [each["state"] for each in states] == ["waiting", "waiting", "redriven", "discarded"]
    first = client.get("/api/dead-letters", limit=2).json()
    second = client.get("/api/dead-letters", limit=2, cursor=first["next_cursor"]).json()
    assert [each["place"] for each in second["items"]] == ["decider/1/2"]


def test_s4_the_funnel_counts_who_stands_where_and_every_step(
    analyst: Client, keys: Keys, sink: Sink
) -> None:
    for number in range(3):
        story = Story(keys, f"fam-{number}", partition=1, offset=number * 10)
        story.record()
        if number:
            story.call(given.later(days=1))
        sink.apply(story.records)

    answer = analyst.get("/api/outcomes/funnel")
    assert answer.status_code == 200, answer.text
    funnel = answer.json()

    stages = {each["status"]: (each["now"], each["reached"]) for each in funnel["stages"]}
    assert stages["new"] == (1, 0)
    assert stages["contacted"] == (0, 2)
    assert stages["interested"] == (2, 2)
    assert [(each["from_status"], each["to_status"], each["times"]) for each in funnel["steps"]] == [
        ("contacted", "interested", 2),
        ("new", "contacted", 2),
    ]
    later = analyst.get("/api/outcomes/funnel", since=given.later(days=2).isoformat()).json()
    assert (later["steps"], later["stages"][2]["now"]) == ([], 2)


def test_r1_rewards_are_told_by_action_and_arm(analyst: Client, sink: Sink) -> None:
    made = given.taught("new:neutral", "warm_follow_up", 0.5)
    told = [
        made,
        replace(made, transition_id="t2", decision_id="d2", reward=-0.1),
        replace(made, transition_id="t3", decision_id="d3", reward=0.2, arm="rules"),
        replace(made, transition_id="t4", decision_id="d3", reward=-0.4, arm=None, kind="late"),
        replace(made, transition_id="t5", decision_id=None, action=None, arm=None, reward=0.0),
    ]
    sink.apply([Record("transitions", 0, n, "default", each, given.NOON) for n, each in enumerate(told)])

    items = analyst.get("/api/outcomes/rewards").json()["items"]

    assert [(each["action"], each["arm"], each["outcomes"]) for each in items] == [
        ("warm_follow_up", "rules", 1),
        ("warm_follow_up", "ucb", 2),
    ]
    assert [each["reward"] for each in items] == pytest.approx([-0.2, 0.4])
    assert [each["late"] for each in items] == pytest.approx([-0.4, 0.0])
    assert [each["mean"] for each in items] == pytest.approx([-0.2, 0.2])


def test_e4_costs_are_those_that_the_log_folds_to(analyst: Client, sink: Sink) -> None:
    late = replace(ASKED, failure=Failure.LATE, asked_at=given.later(days=1))
    events = [
        given.contact(ordinal=1, asked=ASKED),
        given.contact(ordinal=2, asked=late),
        given.text(ordinal=3, asked=ASKED),
        given.text(ordinal=4),
        given.missed_call(ordinal=5),
    ]
    sink.apply([Record("enriched", 0, n, "fam-1", each, given.NOON) for n, each in enumerate(events)])

    answer: dict[str, Any] = {}
    for by in (("day", "model"), ("channel",), ("channel", "day")):
        answer = analyst.get("/api/costs", by=",".join(by)).json()
        folded = costs(events, by)
        assert [tuple(each[name] for name in by) for each in answer["items"]] == list(folded)
        for item, sums in zip(answer["items"], folded.values(), strict=True):
            assert (item["interactions"], item["calls"]) == (sums.interactions, sums.calls)
            assert (item["tokens_in"], item["tokens_out"]) == (sums.tokens_in, sums.tokens_out)
            assert item["dollars"] == pytest.approx(sums.dollars)
            assert item["failures"] == dict(sums.failures)
    whole = total(costs(events, ("day",)).values())
    answer = analyst.get("/api/costs").json()
    assert answer["total"]["dollars_per_1000"] == pytest.approx(whole.dollars_per_1000)
    none = analyst.get("/api/costs", until="2020-01-01").json()
    assert (none["items"], none["total"]["interactions"]) == ([], 0)


def test_l3_a_value_is_told_as_its_decisions_recorded_it(analyst: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    for day in (1, 2, 3):
        story.call(given.later(days=day))
    sink.apply(story.records)
    decided = [
        each.decision for each in story.answers if each.decision.state == "interested:financial_concern"
    ]
    action = decided[-1].action

    answer = analyst.get(
        "/api/learning/history", state="interested:financial_concern", action=action, points=50
    ).json()

    values = {each.decision_id: next(a for a in each.actions if a.action == action) for each in decided}
    assert [point["decision_id"] for point in answer["points"]] == list(values)
    for point in answer["points"]:
        assert (point["q"], point["visits"]) == (
            values[point["decision_id"]].q,
            values[point["decision_id"]].visits,
        )
    window = {"since": given.later(days=2).isoformat(), "until": given.later(days=2, hours=1).isoformat()}
    some = analyst.get("/api/learning/history", state="interested:financial_concern", action=action, **window)
    assert len(some.json()["points"]) == 1
    assert analyst.get("/api/learning/history", state="trial:neutral", action="wait").json()["points"] == []
