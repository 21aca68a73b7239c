"""D and A5: when a decision is made, when it ends, and what nothing may override."""

from dataclasses import replace

import pytest
from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.actions import ACTIONS
from domain.decisions import Answer
from domain.events import Repeated
from domain.policies import Learned
from domain.q_learning import Row, Values
from domain.states import Attempt, Lead
from domain.vocabulary import Channel, Consent, Intent, OptOut, Outcome, Sentiment, Status, Verdict
from tests import given
from tests.answers import on_interaction, on_lead, on_repeat, on_time


def created() -> Answer:
    return on_lead(None, given.lead(), given.NOON, given.learned())


def test_d1_a_new_lead_gets_a_decision() -> None:
    answer = created()

    assert answer.decision.verdict is Verdict.DECISION
    assert answer.decision.sequence == 0
    assert answer.transitions == ()
    assert answer.decision.action == "warm_follow_up"


def test_d1_a_record_that_changes_no_rule_decides_nothing() -> None:
    again = on_lead(created().lead, given.lead(cause_event_id="lead-2"), given.NOON, given.learned())

    assert again.decision.verdict is Verdict.NONE
    assert again.decision.sequence == 1
    assert again.lead.in_force == created().lead.in_force


def test_d2_an_outbound_message_carries_out_and_closes_nothing() -> None:
    before = created().lead
    assert before.in_force is not None
    message = given.contact(channel=Channel.SMS, decision_id=before.in_force.decision_id)

    answer = on_interaction(before, message, given.NOON, given.learned())

    assert answer.decision.verdict is Verdict.NONE
    assert answer.transitions == ()
    assert answer.lead.in_force is not None
    assert answer.lead.in_force.executed_action == "warm_follow_up"
    assert answer.lead.outbound_at == (given.NOON,)


def test_d2_without_an_id_a_contact_on_a_channel_that_executes_the_action_carries_it_out() -> None:
    """A1: a call about aid carries out what was proposed as a text; a text is no warm call."""
    lead = created().lead
    assert lead.in_force is not None
    proposed = replace(lead, in_force=replace(lead.in_force, action="scholarship_outreach"))
    call = given.contact(channel=Channel.VOICE, outcome=Outcome.NO_ANSWER)
    message = given.contact(channel=Channel.SMS)

    carried = on_interaction(proposed, call, given.NOON, given.learned())
    passed_by = on_interaction(lead, message, given.NOON, given.learned())

    assert carried.transitions[0].executed_action == "scholarship_outreach"
    assert passed_by.lead.in_force is not None
    assert passed_by.lead.in_force.executed_action is None


def test_d2_a_call_is_carried_out_and_answered() -> None:
    answer = on_interaction(created().lead, given.contact(), given.NOON, given.learned())

    (transition,) = answer.transitions
    assert transition.executed_action == "warm_follow_up"
    assert answer.decision.supersedes == transition.decision_id


def test_d3_closing_credits_the_decision_and_bootstraps_once() -> None:
    event = given.text(extraction=given.said(Intent.INTERESTED, Sentiment.POSITIVE))

    answer = on_interaction(created().lead, event, given.later(hours=5), given.learned())

    (transition,) = answer.transitions
    assert (transition.from_state, transition.action) == ("new:neutral", "warm_follow_up")
    assert transition.to_state == "interested:positive_engagement" == answer.decision.state
    assert transition.reward == pytest.approx(0.5)
    assert set(transition.next_actions) == {a.action for a in answer.decision.actions if a.allowed}
    assert transition.elapsed_s == 5 * 3600


def test_d4_the_first_tick_past_expiry_closes_and_decides_anew() -> None:
    lead = created().lead
    assert lead.due is not None

    answer = on_time(lead, lead.due, given.later(days=9), 77, given.learned())

    (transition,) = answer.transitions
    assert transition.kind == "expiry"
    assert transition.reward == pytest.approx(-0.02)
    assert transition.from_state == transition.to_state
    assert answer.decision.root_offset == 77
    assert answer.lead.due is not None
    assert answer.lead.due > given.later(days=9)


def test_d4_a_wait_is_shorter_while_a_reply_is_awaited() -> None:
    active = Lead("fam-1", status=Status.ACTIVE, consents={"g1": Consent.CONTACTABLE})
    quiet = on_time(active, given.NOON, given.NOON, 1, given.learned())
    assert quiet.decision.action == "wait"
    assert quiet.decision.expires_at == given.later(days=7)
    assert quiet.decision.scheduled_for is None

    written = on_interaction(active, given.contact(channel=Channel.SMS), given.NOON, given.learned())

    assert written.decision.expires_at == given.later(days=3)


def test_d4_a_learned_stop_teaches_once_and_never_expires() -> None:
    lead = replace(created().lead, interactions=3, in_force=None)
    values = Values("default", 5, 0.1, 0.9, {"new:neutral": {"stop": Row(9.0, 1, 0, 9.0, 5)}})

    answer = on_time(lead, given.NOON, given.NOON, 3, replace(given.learned(), values=values))

    (transition,) = answer.transitions
    assert answer.decision.action == "stop"
    assert answer.decision.expires_at is None
    assert transition.terminal
    assert (transition.action, transition.reward) == ("stop", 0.0)
    again = on_interaction(answer.lead, given.text(), given.later(hours=1), given.learned())
    assert [each.action for each in again.transitions] == [None]


def test_2_8_a_repeat_is_answered_and_changes_nothing() -> None:
    lead = created().lead
    repeat = Repeated("again", "lead-1", "fam-1", 8, given.NOON, Verdict.DUPLICATE)

    answer = on_repeat(lead, repeat, given.NOON, given.learned())

    assert answer.decision.verdict is Verdict.DUPLICATE
    assert answer.decision.cause_event_id == "lead-1"
    assert answer.lead == replace(lead, sequence=2)


def test_r2_an_opt_out_is_terminal_like_a_decline() -> None:
    answer = on_interaction(created().lead, given.text(opt_out=OptOut.YES), given.NOON, given.learned())

    (transition,) = answer.transitions
    assert transition.terminal
    assert transition.reward == pytest.approx(0.1 - 1.0)
    assert answer.decision.action == "stop"
    assert answer.decision.override == "opted_out"


@such_that(
    status=st.sampled_from(list(Status)),
    consent=st.sampled_from(list(Consent)),
    values=st.dictionaries(st.sampled_from(list(ACTIONS)), st.floats(-5, 5), min_size=1),
    interactions=st.integers(0, 9),
    c=st.floats(0, 10),
)
def test_a5_nothing_overrides_an_override(
    status: Status, consent: Consent, values: dict[str, float], interactions: int, c: float
) -> None:
    lead = Lead("fam-1", status=status, consents={"g1": consent}, interactions=interactions)
    state = f"{status}:neutral"
    rows = {state: {action: Row(q, 3, 0, q, 1) for action, q in values.items()}}
    learned = replace(given.learned(ucb_c=c), values=Values("default", 1, 0.1, 0.9, rows))

    answer = on_time(lead, given.NOON, given.NOON, 1, learned)

    decision = answer.decision
    assert sum(each.probability for each in decision.actions) == 1.0
    assert next(each for each in decision.actions if each.probability == 1.0).allowed
    if consent is Consent.OPTED_OUT or status is Status.DECLINED:
        assert (decision.action, decision.override) == (
            "stop",
            consent if consent is Consent.OPTED_OUT else status,
        )
    elif consent is Consent.HELD:
        assert (decision.action, decision.override) == ("wait", "held")
    else:
        assert decision.override is None
    if decision.override:
        assert answer.transitions == ()
        assert decision.expires_at is None


def test_p2_the_same_input_is_answered_alike() -> None:
    assert created() == created()


def test_a1_an_action_of_one_channel_keeps_it_though_that_has_failed_twice() -> None:
    """It may be proposed all the same, and an operator must be told how."""
    failing = Attempt("call-2", Channel.VOICE, Outcome.NO_ANSWER, given.NOON, failed_in_row=2)
    rows = {
        "new:unreached": {
            "warm_follow_up": Row(9.0, 50, 0, 1.0, 1),
            "scheduling_push": Row(1.0, 50, 0, 1.0, 1),
        }
    }
    learned = Learned(Values("default", 1, 0.1, 0.9, rows), replace(given.PARAMETERS, ucb_c=0.0))
    lead = Lead("fam-1", consents={"g1": Consent.CONTACTABLE}, attempt=failing)

    called = on_time(lead, given.NOON, given.NOON, 1, learned).decision
    written = on_time(
        replace(lead, rejected={"warm_follow_up": given.later(days=3)}), given.NOON, given.NOON, 1, learned
    ).decision

    assert (called.action, called.channel) == ("warm_follow_up", Channel.VOICE)
    assert (written.action, written.channel) == ("scheduling_push", Channel.SMS)
