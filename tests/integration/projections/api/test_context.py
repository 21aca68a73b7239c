"""Context packs over real views: what is shown, and to whom it is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Engine, event

from domain.actions import ACTIONS
from domain.briefs import brief
from domain.records import SignalSeen
from domain.vocabulary import Channel, Consent, Payment, Status
from runtime.keys import Keys
from tests import given
from tests.integration.projections.api.family import LATER, LEAD, Family7
from tests.integration.projections.api.packs import OUTBOUND, ROUTES, get
from tests.integration.projections.sink import Sink
from tests.keyring import questions
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import SAID, TRANSCRIPT, Story

NOW = given.later(days=3)
WAITING = brief(ACTIONS["wait"], ())


def test_a_pack_tells_who_they_are_and_where_they_stand(reader: Client, family: Family7) -> None:
    pack = get(reader)

    assert (pack["minimal"], pack["lead_name"], pack["phone"]) == (False, "Dana Whitfield", "+1 555 0101")
    assert [adult["name"] for adult in pack["guardians"]] == ["Dana Whitfield", "Sam Whitfield"]
    assert pack["child_info"] == "Mia (age 9, tennis)"
    assert pack["campaign_goal"] == "Enroll Mia in tennis"
    assert (pack["current_status"], pack["time_zone"]) == ("interested", "America/Chicago")
    assert pack["latest_summary"] == LATER.summary
    recent = pack["recent_interactions"]
    assert [one["event_id"] for one in recent] == [
        told.event_id for told in (family.message, family.second, family.first)
    ]
    assert [one["summary"] for one in recent] == [None, LATER.summary, SAID.summary]
    assert recent[0]["channel"] == "sms"
    assert pack["erased"] is False
    assert pack["warnings"] == []


def test_a_pack_has_every_dimension_under_the_extractions_names(reader: Client) -> None:
    pack = get(reader)

    assert [fact["text"] for fact in pack["facts"]] == ["Mia has her own racket", "Mia plays tennis"]
    assert pack["facts"][1]["quote"] == "still plays tennis"
    assert pack["open_questions"] == ["Is there a beginners' class?"]
    assert pack["financial_signals"] == {"concern_level": "moderate", "mentions": ["that is a lot for us"]}
    assert pack["scheduling_constraints"]["preferred_times"] == ["Saturday mornings"]
    assert pack["family_context"] == {
        "siblings": ["a brother, 6"],
        "decision_makers": ["the aunt"],
        "household_notes": ["speaks Spanish at home"],
    }
    assert [(o["topic"], o["addressed"], o["quote"]) for o in pack["objections"]] == [
        ("fit", False, "she is shy"),
        ("distance", True, "we can car pool"),
    ]
    assert pack["additional_signals"][0]["quote"] == "our neighbour told us"
    assert (pack["intent"], pack["sentiment"]) == ("considering", "positive")


def test_a_pack_has_the_decision_that_the_other_routes_show(reader: Client, family: Family7) -> None:
    current, pack = reader.get(f"/api/nba/{LEAD}/current").json(), get(reader)
    made = family.story.answers[-1].decision

    assert pack["current_nba"]["decision_id"] == current["decision_id"] == made.decision_id
    assert pack["current_nba"]["brief"] == current["brief"]
    assert reader.get(f"/api/decisions/{made.decision_id}").json()["brief"] == current["brief"]
    assert reader.get(f"/api/nba/{LEAD}/history").json()["items"][0]["brief"] == current["brief"]
    assert current["brief"]["draft"].splitlines()[0] == (
        "- Hi, is this Dana? This is Coach Ray from Lakeshore Hoops Academy."
    )
    assert "- We would love to hear how Mia is doing." in current["brief"]["draft"].splitlines()
    assert current["brief"]["draft_details"]["length"] == len(current["brief"]["draft"])


def test_compliance_is_the_recorded_one_and_only_the_clock_is_of_now(
    at: Callable[[datetime], Client], family: Family7
) -> None:
    made = family.story.answers[-1].decision
    day, night = (get(at(moment))["compliance"] for moment in (NOW, NOW + timedelta(hours=12)))

    assert (day["consent"], day["may_be_contacted"], day["why_not"]) == ("contactable", True, None)
    assert (day["quiet_hours"], day["quiet_until"]) == (False, None)
    assert day["local_time"] == "2026-09-10T12:00:00-05:00"
    assert night["quiet_hours"] is True
    assert datetime.fromisoformat(night["quiet_until"]) == NOW + timedelta(hours=20)
    assert made.contact is not None
    for shown in (day, night):
        assert shown["recorded"]["contacts_week"] == made.contact.contacts_week == 2
        assert shown["recorded"]["reasons"] == list(made.contact.reasons)


def test_an_outbound_call_is_prepared_flat_and_without_placeholders(reader: Client) -> None:
    call = get(reader, "/prepare-outbound-call")
    flat = call["dynamic_variables"]

    assert call["to"] == {"guardian_id": "g1", "name": "Dana Whitfield", "phone": "+1 555 0101"}
    assert call["first_message"].startswith(
        "Hi, is this Dana? This is Coach Ray from Lakeshore Hoops Academy."
    )
    assert "Mia (age 9, tennis)" in call["opening_context"]
    assert LATER.summary in call["opening_context"]
    assert call["talking_points"] == [
        each["text"] for each in call["context"]["current_nba"]["brief"]["directives"]
    ]
    assert set(map(type, flat.values())) == {str}
    assert flat["objections"] == "shy in big groups"
    assert flat["financial_concern"] == "moderate"
    assert flat["local_time"] == "2026-09-10T12:00-05:00"
    assert flat["talking_points"] == "; ".join(call["talking_points"])
    assert "{" not in "".join(flat.values())


def test_an_outbound_sms_is_prepared_with_its_thread(reader: Client, family: Family7) -> None:
    sms = get(reader, "/prepare-outbound-sms")

    assert sms["draft"].startswith("Hi Dana, this is Coach Ray")
    assert sms["length"] == len(sms["draft"]) <= 320
    assert sms["cut"] is False
    assert [(one["event_id"], one["direction"], one["text"]) for one in sms["thread"]] == [
        (family.message.event_id, "inbound", TRANSCRIPT)
    ]
    assert sms["decision_id"] == family.story.answers[-1].decision.decision_id


def test_an_inbound_call_names_nobody_before_the_caller_is_known(reader: Client) -> None:
    call = get(reader, "/prepare-inbound-call")

    assert call["caller"] == "unknown"
    assert call["first_message"] == "Hello, this is Lakeshore Hoops Academy. How can I help you?"
    assert call["warnings"][-1]["kind"] == "unknown_caller"
    assert call["context"]["lead_name"] == "Dana Whitfield"


@pytest.mark.parametrize(
    ("kind", "tell"),
    [
        ("declined", lambda story: story.status(given.later(days=3), Status.DECLINED)),
        ("opted-out", lambda story: story.consent(given.later(days=3), Consent.OPTED_OUT)),
        ("held", lambda story: story.consent(given.later(days=3), Consent.HELD)),
    ],
)
def test_a5_no_contact_is_prepared_against_a_familys_no(
    reader: Client, family: Family7, sink: Sink, kind: str, tell: Callable[[Story], object]
) -> None:
    tell(family.story)
    sink.apply(family.story.records)

    refused = [get(reader, route, status=409) for route in OUTBOUND]
    assert {problem["type"] for problem in refused} == {f"urn:academy:problem:{kind}"}
    assert "Dana" not in str(refused)
    inbound, pack = get(reader, "/prepare-inbound-call"), get(reader)
    assert inbound["warnings"][0]["kind"] == pack["warnings"][0]["kind"] == kind.replace("-", "_")
    assert pack["compliance"]["may_be_contacted"] is False
    assert pack["compliance"]["why_not"] == refused[0]["detail"]
    assert pack["current_nba"]["brief"]["draft"] is None


def test_an_open_review_is_a_warning(reader: Client, family: Family7, sink: Sink) -> None:
    family.story.consent(given.later(days=3), Consent.HELD)
    sink.apply(family.story.records)

    assert [one["kind"] for one in get(reader)["warnings"]] == ["held", "review_held"]


def test_a_decision_to_wait_is_a_warning_and_has_no_draft(
    reader: Client, family: Family7, sink: Sink
) -> None:
    waiting = replace(family.story.of("decisions")[-1].value, action="wait", channel=None, brief=WAITING)
    sink.apply([msgspec.structs.replace(family.story.of("decisions")[-1], value=waiting)])

    sms = get(reader, "/prepare-outbound-sms")

    assert [one["kind"] for one in sms["warnings"]] == ["wait"]
    assert (sms["draft"], sms["length"]) == (None, 0)
    assert sms["context"]["current_nba"]["brief"]["draft"] is None


def test_f2_what_a_provider_may_say_holds_no_missed_payment(
    reader: Client, family: Family7, sink: Sink
) -> None:
    owed = family.story.payment(given.later(days=2, hours=2), Payment.MISSED)
    last = family.story.of("decisions")[-1]
    helping = brief(ACTIONS["scholarship_outreach"], (SignalSeen("payment_concern", owed.event_id, 0),))
    made = replace(last.value, action="scholarship_outreach", channel=Channel.VOICE, brief=helping)
    sink.apply([*family.story.records, msgspec.structs.replace(last, value=made)])

    call, inbound, sms = (
        get(reader, f"/prepare-{way}") for way in ("outbound-call", "inbound-call", "outbound-sms")
    )

    (unsaid,) = [
        each["text"]
        for each in call["context"]["current_nba"]["brief"]["directives"]
        if each["signal"] == "payment_concern"
    ]
    assert call["context"]["minimal"] is False
    for spoken in (call, inbound):
        del spoken["context"]
        assert len(spoken["talking_points"]) == len(ACTIONS["scholarship_outreach"].directives)
        assert unsaid not in str(spoken)
        assert "missed" not in str(spoken)
        assert "INV-1" not in str(spoken)
    assert sms["draft"]
    assert unsaid not in sms["draft"]


def test_a_name_that_does_not_open_costs_a_decision_its_names_only(reader: Client, sink: Sink) -> None:
    sink.database.execute(
        "UPDATE interactions SET recorded = jsonb_set(recorded, '{guardians,0,name,event_id}', '\"another\"')"
        " WHERE kind = 'lead-patched'"
    )

    assert "Dana" not in reader.get(f"/api/nba/{LEAD}/current").json()["brief"]["draft"]
    assert get(reader)["minimal"] is True


def test_a_pack_costs_two_round_trips(reader: Client, engine: Engine) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    for route in ROUTES:
        asked.clear()
        get(reader, route)
        assert len(asked) == 2, route


def test_the_keys_of_an_answer_are_asked_for_at_once(
    reader: Client, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions(keys, monkeypatch)

    paths = [f"/api/context/{LEAD}{route}" for route in ROUTES]
    for path in (*paths, f"/api/nba/{LEAD}/history", f"/api/nba/{LEAD}/current"):
        asked.clear()
        assert reader.get(path).status_code == 200
        assert [len(named) > 1 for named in asked] == [True], path


def test_a_lead_that_nothing_has_answered_yet_has_a_pack(reader: Client, keys: Keys, sink: Sink) -> None:
    story = Story(keys, "fam-9", partition=0)
    story.record()
    sink.apply([record for record in story.records if record.topic in ("interactions", "enriched")])

    pack = get(reader, lead_id="fam-9")

    assert (pack["minimal"], pack["current_nba"], pack["lead_name"]) == (False, None, "Dana Whitfield")
    assert get(reader, "/prepare-outbound-sms", lead_id="fam-9")["draft"] is None


def test_an_unknown_lead_is_a_problem_without_its_id(reader: Client) -> None:
    for route in ROUTES:
        assert "fam-unheard" not in str(get(reader, route, lead_id="fam-unheard", status=404))
