from dataclasses import replace

import msgspec
import pytest

from domain.vocabulary import OperatorAnswer, Verdict
from runtime.keys import Keys, guardian, household
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import NOTE, REASON, TRANSCRIPT, Story, acted
from tests.unit.projections.talking import TalkingStory


def call_of(story: Story) -> str:
    event_id: str = story.of("interactions")[1].value.event_id
    return event_id


def test_what_became_of_a_call(client: Client, story: Story) -> None:
    view = client.get(f"/api/interactions/{call_of(story)}").json()
    decision, (closed,) = story.answers[1].decision, story.answers[1].transitions

    assert (view["stage"], view["verdict"]) == ("answered", "decision")
    assert view["position"] == {"topic": "interactions", "partition": 0, "offset": 1}
    assert view["event"]["transcript"] == TRANSCRIPT
    assert view["decision_id"] == decision.decision_id
    assert (view["state"], view["status"]) == (decision.state, decision.status)
    assert [(t["transition_id"], t["reward"]) for t in view["transitions"]] == [
        (closed.transition_id, closed.reward)
    ]
    assert [hop["to_status"] for hop in view["transitions"][0]["hops"]] == ["contacted", "interested"]


def test_its_extraction_has_the_promised_shape_and_opened_texts(client: Client, story: Story) -> None:
    said = client.get(f"/api/interactions/{call_of(story)}").json()["extraction"]

    assert (said["adapter"], said["status"]) == ("offline", "ok")
    assert said["facts"] == [
        {"text": "Mia plays tennis", "quote": "Mia plays tennis already", "speaker": "family"}
    ]
    assert said["financial_signals"] == {"concern_level": "moderate", "mentions": ["that is a lot for us"]}
    assert said["scheduling_constraints"]["preferred_times"] == ["Saturday mornings"]
    assert said["objections"][0]["detail"] == "far"
    assert said["signed_up"] == {"value": False, "quote": None}


def test_a_repeat_is_listed_and_changes_nothing(client: Client, story: Story) -> None:
    view = client.get(f"/api/interactions/{call_of(story)}").json()

    assert view["repeats"] == [
        {"position": {"topic": "interactions", "partition": 0, "offset": 2}, "verdict": "duplicate"}
    ]


def test_a_leads_record_is_an_event_too(client: Client, story: Story) -> None:
    view = client.get(f"/api/interactions/{story.of('interactions')[0].value.event_id}").json()

    assert (view["kind"], view["event"], view["extraction"]) == ("lead", None, None)
    assert view["record"]["guardians"][0]["name"] == "Dana Whitfield"
    assert view["decision_id"] == story.answers[0].decision.decision_id


def test_d6_each_message_of_a_conversation_shows_what_came_of_all(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = TalkingStory(keys, "fam-2", partition=1)
    story.record()
    first, last = (story.sms(given.later(hours=30, minutes=minutes)) for minutes in (0, 1))
    sink.apply(story.records)
    (waits,) = (client.get(f"/api/interactions/{first.event_id}").json(),)
    seen = len(story.records)
    talk = story.read(first, last)
    sink.apply(story.records[seen:])
    early, late = (client.get(f"/api/interactions/{one.event_id}").json() for one in (first, last))

    assert (waits["stage"], waits["reason"], waits["extraction"]) == ("answered", "conversation_open", None)
    assert (waits["event"]["buffered"], waits["conversation"]) == (True, None)
    assert early["conversation"] == {
        "conversation_id": talk.cause_event_id, "why": "quiet", "events": [first.event_id, last.event_id],
    }  # fmt: skip
    assert early["conversation"] == late["conversation"]
    assert (early["extraction"], late["extraction"]["intent"]) == (None, "considering")
    assert early["decision_id"] == late["decision_id"] == story.answers[-1].decision.decision_id
    assert [taught["cause_event_id"] for taught in late["transitions"]] == [talk.cause_event_id]
    items = client.get("/api/leads/fam-2/timeline").json()["items"]
    assert [item["conversation"]["why"] for item in items if item["kind"] == "interaction"] == [
        "quiet",
        "quiet",
    ]


def test_s5_what_became_of_an_operators_rejection(client: Client, keys: Keys, sink: Sink) -> None:
    story = acted(keys, "fam-2", partition=1)
    sink.apply(story.records)
    event, answer = story.of("interactions")[2].value, story.answers[2]

    view = client.get(f"/api/interactions/{event.event_id}").json()

    assert (view["kind"], view["stage"]) == ("decision-answered", "answered")
    assert (view["act"]["actor"], view["act"]["reason"], view["act"]["note"]) == ("front-desk", REASON, NOTE)
    assert (view["verdict"], view["reason"]) == ("decision", "rejected")
    assert view["decision_id"] == answer.decision.decision_id
    assert (view["state"], view["status"]) == (answer.decision.state, answer.decision.status)
    assert [taught["kind"] for taught in view["transitions"]] == ["rejection"]
    assert (view["event"], view["record"], view["patch"], view["extraction"]) == (None, None, None, None)


def test_s3_what_became_of_a_missed_payment(client: Client, keys: Keys, sink: Sink) -> None:
    story = acted(keys, "fam-2", partition=1)
    sink.apply(story.records)
    session, payment = (story.of("interactions")[number].value for number in (4, 5))

    came, missed = (client.get(f"/api/interactions/{one.event_id}").json() for one in (session, payment))

    assert (came["kind"], came["act"]["attended"], came["status"]) == ("attendance", True, "active")
    assert (missed["kind"], missed["act"]["outcome"], missed["status"]) == ("payment", "missed", "at_risk")
    hops = [hop for one in (came, missed) for taught in one["transitions"] for hop in taught["hops"]]
    assert [hop["to_status"] for hop in hops] == ["active", "at_risk"]
    assert (missed["event"], missed["record"], missed["patch"], missed["extraction"]) == (None,) * 4


def test_s5_the_verdict_on_an_act_says_why(client: Client, keys: Keys, sink: Sink) -> None:
    story = acted(keys, "fam-2", partition=1)
    again = story.answer(given.later(hours=6), OperatorAnswer.REJECTED, story.answers[0].decision.decision_id)
    sink.apply(story.records)

    view = client.get(f"/api/interactions/{again.event_id}").json()

    assert (view["verdict"], view["reason"], view["transitions"]) == ("already", "rejected", [])
    assert view["decision_id"] == story.answers[-1].decision.decision_id


def test_erased_words_of_an_act_are_null(client: Client, keys: Keys, sink: Sink) -> None:
    story = acted(keys, "fam-2", partition=1)
    sink.apply(story.records)
    sink.database.execute("UPDATE keys SET wrapped = NULL WHERE subject = %s", [household("fam-2")])
    keys._by_id._keys.clear()  # another process destroyed it; ours knew it

    view = client.get(f"/api/interactions/{story.of('interactions')[2].value.event_id}").json()

    assert (view["erased"], view["act"]["reason"], view["act"]["note"]) == (True, None, None)
    assert view["act"]["actor"] == "front-desk"


@pytest.mark.parametrize(
    ("topics", "stage"),
    [
        (("interactions",), "accepted"),
        (("interactions", "enriched"), "enriched"),
        (("interactions", "enriched", "decisions"), "answered"),
    ],
)
def test_an_event_that_is_not_done_says_how_far_it_is(
    client: Client, keys: Keys, sink: Sink, topics: tuple[str, ...], stage: str
) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    event = story.call(given.later(days=1))
    sink.apply([record for record in story.records if record.topic in topics])

    view = client.get(f"/api/interactions/{event.event_id}").json()

    assert view["stage"] == stage
    assert (view["extraction"] is None) == (stage == "accepted")
    assert (view["decision_id"] is None) == (stage != "answered")


def test_a_repeat_that_is_not_told_apart_yet_never_hides_the_first(
    client: Client, keys: Keys, sink: Sink
) -> None:
    story = Story(keys, "fam-2", partition=1)
    story.record()
    event = story.call(given.later(days=1))
    story.repeat(event, given.later(days=2), Verdict.CONFLICT)
    late = [record for record in story.of("enriched") if record.offset == 2]
    sink.apply([record for record in story.records if record not in late])

    assert client.get(f"/api/interactions/{event.event_id}").json()["position"]["offset"] == 1


def test_another_decision_at_the_same_root_is_not_its_answer(
    client: Client, sink: Sink, story: Story
) -> None:
    """As a flush or a wake would make one."""
    answer = story.of("decisions")[1]
    other = replace(answer.value, decision_id="0", cause_event_id="flush-1")
    sink.database.execute("DELETE FROM decisions WHERE root_offset = 1")
    sink.apply([msgspec.structs.replace(answer, value=other), answer])

    assert client.get(f"/api/interactions/{call_of(story)}").json()["decision_id"] == answer.value.decision_id


def test_erased_words_are_null_and_numbers_stay(client: Client, keys: Keys, sink: Sink, story: Story) -> None:
    sink.database.execute("UPDATE keys SET wrapped = NULL WHERE subject = %s", [guardian("fam-1", "g1")])
    keys._by_id._keys.clear()  # another process destroyed it; ours knew it

    view = client.get(f"/api/interactions/{call_of(story)}").json()

    assert view["erased"] is True
    assert view["event"]["transcript"] is None
    assert view["extraction"]["facts"][0]["text"] is None
    assert view["extraction"]["intent"] == "considering"
    assert view["decision_id"]


def test_an_unknown_event_is_a_problem(client: Client) -> None:
    assert client.get("/api/interactions/nothing").status_code == 404
