"""A5, A3, A4, B1, B5, B6: what would be decided if a household stood otherwise, while it stands as it does."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain.actions import allowed
from domain.buckets import state_of
from domain.states import Lead
from domain.vocabulary import Consent, Intent, Level, Outcome, Payment, Sentiment, Status, TopicClass
from domain.what_if import NO_OFFSET, SETTINGS, Assumed, Moment, Unassumable, assume, what_if
from tests import given
from tests.answers import on_interaction, on_lead, on_payment

LEARNED = given.learned()
NOW = given.later(days=2)
MOMENT = Moment("assumed-1", NOW, given.PARAMETERS)
EVERY = [(name, value) for name, setting in SETTINGS.items() for value in setting.values]


def known() -> Lead:
    """A household that is undecided, finds it far, and worries about the fee."""
    created = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    told = given.said(
        Intent.CONSIDERING,
        financial_signals=given.worried(),
        objections=(given.objection(TopicClass.DISTANCE),),
    )
    call = given.contact(given.later(days=1), extraction=told)
    return on_interaction(created, call, call.occurred_at, LEARNED).lead


def decided(**changes: str) -> str | None:
    return what_if(known(), changes, NOW, LEARNED).decision.action


@pytest.mark.parametrize(("name", "value"), EVERY)
@pytest.mark.parametrize("lead", [Lead("fam-1"), known()], ids=["unknown", "known"])
def test_each_thing_can_be_assumed_and_is_read_back(lead: Lead, name: str, value: str) -> None:
    after = assume(lead, {name: value}, MOMENT)

    assert value in (SETTINGS[name].read(after, NOW) or "").split(", ")
    others = [other for other in SETTINGS if other not in (name, *{"intent", "sentiment"})]
    assert [SETTINGS[other].read(after, NOW) for other in others] == [
        SETTINGS[other].read(lead, NOW) for other in others
    ]


def test_each_thing_moves_what_a_decision_looks_at() -> None:
    plain = replace(Lead("fam-1"), status=Status.ACTIVE)
    states = {
        "status=at_risk": "at_risk:neutral",
        "intent=scheduling": "active:scheduling_intent",
        "sentiment=negative": "active:neutral",
        "financial=moderate": "active:financial_concern",
        "objection=trust": "active:has_objections",
        "signal=competitor": "active:novel_signal",
        "failed=sms": "active:unreached",
        "payment=owed": "active:financial_concern",
    }

    for told, state in states.items():
        name, _, value = told.partition("=")
        assert state_of(assume(plain, {name: value}, MOMENT), NOW, given.PARAMETERS) == state, told
    both = {"intent": "declining", "sentiment": "negative"}
    assert state_of(assume(plain, both, MOMENT), NOW, given.PARAMETERS) == "active:negative"


def test_a3_a_missed_session_and_two_failures_open_their_actions() -> None:
    plain = replace(Lead("fam-1"), status=Status.ACTIVE)

    for name, value, action in (
        ("missed_session", "yes", "reschedule_offer"),
        ("failed", "voice", "channel_switch"),
        ("payment", "owed", "scholarship_outreach"),
    ):
        after = assume(plain, {name: value}, MOMENT)
        assert action not in allowed(plain, NOW, given.PARAMETERS), action
        assert action in allowed(after, NOW, given.PARAMETERS), action


def test_a4_so_many_attempts_leave_only_wait_another_channel_and_an_end() -> None:
    after = assume(known(), {"attempts": str(given.PARAMETERS.max_attempts)}, MOMENT)

    assert set(allowed(after, NOW, given.PARAMETERS)) <= {"wait", "channel_switch", "stop"}


def test_what_is_assumed_can_be_lifted_again() -> None:
    owing = on_payment(known(), given.payment(NOW, Payment.MISSED, 5), NOW, LEARNED).lead
    after = assume(owing, {"payment": "paid", "financial": "none", "consent": "contactable"}, MOMENT)

    assert "payment_concern" not in {
        seen.signal for seen in what_if(after, {}, NOW, LEARNED).decision.signals
    }
    assert state_of(after, NOW, given.PARAMETERS).endswith(":has_objections")


def test_what_stands_already_keeps_the_event_that_it_rests_on() -> None:
    lead = known()
    same = {"financial": Level.HIGH.value, "objection": "distance", "status": lead.status.value}

    assert assume(lead, same, MOMENT) == lead
    assert assume(lead, {}, MOMENT) == lead


def test_of_two_failures_the_moment_is_now_and_no_contact_is_counted() -> None:
    after = assume(known(), {"failed": "voice"}, MOMENT)

    assert after.attempt is not None
    assert (after.attempt.at, after.attempt.outcome) == (NOW, Outcome.NO_ANSWER)
    assert after.outbound_at == known().outbound_at


def test_a_name_that_nothing_has_is_refused_with_all_that_can_be_assumed() -> None:
    with pytest.raises(Unassumable) as refused:
        assume(known(), {"mood": "sunny"}, MOMENT)

    assert refused.value.errors == (
        ("", f"holds a name that cannot be assumed; these can: {', '.join(SETTINGS)}"),
    )
    assert "mood" not in str(refused.value)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_value_that_nothing_has_is_refused_with_the_vocabulary(name: str) -> None:
    with pytest.raises(Unassumable) as refused:
        assume(known(), {name: "sunny"}, MOMENT)

    ((field, sentence),) = refused.value.errors
    assert (field, "sunny" in sentence) == (name, False)
    assert all(value in sentence for value in SETTINGS[name].values)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Unassumable) as refused:
        what_if(known(), {"mood": "sunny", "status": "bored", "payment": "owed"}, NOW, LEARNED)

    assert [field for field, _ in refused.value.errors] == ["", "status"]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, value in EVERY if name != "status"])
def test_a5_a_family_that_declined_is_left_alone_whatever_else_is_assumed(name: str, value: str) -> None:
    assert decided(status="declined", **{name: value}) == "stop"


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, value in EVERY if name != "consent"])
def test_a5_a_family_that_opted_out_is_left_alone_whatever_else_is_assumed(name: str, value: str) -> None:
    made = what_if(known(), {"consent": "opted_out", name: value}, NOW, LEARNED).decision

    assert (made.action, made.override, made.scheduled_for) == ("stop", "opted_out", None)


def test_a5_a_held_consent_waits() -> None:
    assert decided(consent="held", intent="scheduling") == "wait"


def test_s2_a_consent_is_assumed_of_everybody_known_and_may_be_wider_than_it_is() -> None:
    refused = replace(known(), consents={"g1": Consent.OPTED_OUT, "g2": Consent.HELD})

    assert assume(refused, {"consent": "contactable"}, MOMENT).consents == dict.fromkeys(
        ("g1", "g2"), Consent.CONTACTABLE
    )


def test_the_decision_follows_from_lead_and_assumptions_alone() -> None:
    lead = known()
    one = what_if(lead, {"status": "trial", "financial": "high"}, NOW, LEARNED)
    again = what_if(lead, {"financial": "high", "status": "trial"}, NOW, LEARNED)
    other = what_if(lead, {"status": "trial", "financial": "low"}, NOW, LEARNED)

    assert one.decision == again.decision
    assert one.decision.decision_id != other.decision.decision_id
    assert lead.in_force is not None
    assert one.decision.supersedes == lead.in_force.decision_id
    assert (one.decision.root_offset, one.decision.decided_at) == (NO_OFFSET, NOW)


def test_it_is_told_what_was_assumed_and_how_it_stood() -> None:
    changes = {"status": "trial", "objection": "trust", "intent": "scheduling", "financial": "high"}

    assert what_if(known(), changes, NOW, LEARNED).assumed == (
        Assumed("status", "interested", "trial"),
        Assumed("objection", "distance", "distance, trust"),
        Assumed("intent", "considering", "scheduling"),
        Assumed("financial", "high", "high"),
    )
    assert what_if(Lead("fam-1"), {"intent": "unclear"}, NOW, LEARNED).assumed == (
        Assumed("intent", None, "unclear"),
    )


def test_ten_thousand_leave_the_household_and_the_table_as_they_are() -> None:
    lead, values = known(), list(LEARNED.values)
    before = hashlib.sha256(repr((lead, values)).encode()).hexdigest()
    actions = set()
    asked = product(Status, Consent, Intent, Sentiment, Level, TopicClass)

    for number, (status, consent, intent, sentiment, level, topic) in zip(range(10_000), asked, strict=False):
        changes = {"status": status, "consent": consent, "intent": intent, "sentiment": sentiment}
        more = {"financial": level, "objection": topic}
        made = what_if(lead, changes | more, NOW + timedelta(seconds=number), LEARNED)
        actions.add(made.decision.action)

    assert len(actions) > 3
    assert hashlib.sha256(repr((lead, list(LEARNED.values))).encode()).hexdigest() == before
