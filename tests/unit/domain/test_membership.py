"""S3, D1, D5, D7, A3, A4, B5: sessions and payments, what they move, and what is said of them."""

from dataclasses import replace

import pytest

from domain.actions import allowed, verdicts
from domain.buckets import bucket
from domain.decisions import Answer
from domain.masks import sentence
from domain.states import Lead, Membership, Mention
from domain.vocabulary import Bucket, Channel, Outcome, Payment, Status, Verdict
from tests import given
from tests.answers import on_attendance, on_enrolment, on_interaction, on_lead, on_payment, on_time

LEARNED = given.learned()
PAID, MISSED, REFUNDED = Payment


def enrolled() -> Lead:
    created = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    return on_enrolment(created, given.enrolment(given.NOON), given.later(hours=1), LEARNED).lead


def session(lead: Lead, days: float, *, attended: bool = True, told: float | None = None) -> Answer:
    at, now = given.later(days=days), given.later(days=days if told is None else told)
    return on_attendance(lead, given.attendance(at, int(days * 10), attended=attended), now, LEARNED)


def pays(lead: Lead, days: float, outcome: Payment) -> Answer:
    at = given.later(days=days)
    return on_payment(lead, given.payment(at, outcome, int(days * 10)), at, LEARNED)


def active() -> Lead:
    return session(enrolled(), 3).lead


def test_s3_the_first_session_makes_a_member_and_credits_the_decision() -> None:
    answer = session(enrolled(), 3)

    assert answer.lead.status is Status.ACTIVE
    (transition,) = answer.transitions
    assert transition.action == "welcome_onboard"
    assert transition.reward == pytest.approx(0.3)
    assert answer.decision.verdict is Verdict.DECISION


def test_s3_two_sessions_missed_in_a_row_put_at_risk_and_one_attended_brings_back() -> None:
    once = session(active(), 5, attended=False)
    assert once.lead.status is Status.ACTIVE
    assert once.decision.verdict is Verdict.DECISION, "a missed session is a signal (D1)"
    assert next(one for one in once.decision.actions if one.action == "reschedule_offer").allowed

    twice = session(once.lead, 7, attended=False)
    assert twice.lead.status is Status.AT_RISK
    assert [hop.reward for hop in twice.transitions[0].hops] == [-0.5]

    back = session(twice.lead, 9)
    assert back.lead.status is Status.ACTIVE
    assert [hop.reward for hop in back.transitions[0].hops] == [0.5]
    assert back.lead.membership is not None
    assert back.lead.membership.missed is None


def test_s3_a_session_attended_between_breaks_the_row() -> None:
    lead = active()
    for days, came in ((5, False), (7, True), (9, False)):
        lead = session(lead, days, attended=came).lead

    assert lead.status is Status.ACTIVE


def test_s3_a_missed_payment_puts_at_risk_and_opens_a_concern_that_a_payment_settles() -> None:
    missed = pays(active(), 5, MISSED)
    assert missed.lead.status is Status.AT_RISK
    assert "payment_concern" in {signal.signal for signal in missed.decision.signals}
    assert bucket(missed.lead, given.later(days=5), given.PARAMETERS) is Bucket.FINANCIAL_CONCERN

    paid = pays(missed.lead, 6, PAID)

    assert paid.lead.status is Status.AT_RISK
    assert "payment_concern" not in {signal.signal for signal in paid.decision.signals}


def test_d5_what_changes_neither_status_nor_signals_decides_and_teaches_nothing() -> None:
    for answer in (session(active(), 5), pays(active(), 5, PAID), pays(active(), 5, REFUNDED)):
        assert (answer.decision.verdict, answer.decision.reason) == (Verdict.NONE, "membership_recorded")
        assert answer.transitions == ()
        assert answer.lead.in_force == active().in_force


def test_d7_a_session_told_three_weeks_late_credits_the_decision_of_then() -> None:
    before = enrolled()
    welcome = before.in_force
    assert welcome is not None
    lead = on_time(before, given.later(days=4), given.later(days=4), 7, LEARNED).lead

    answer = session(lead, 1, told=22)

    assert answer.lead.status is Status.ACTIVE
    late = next(one for one in answer.transitions if one.kind == "late")
    assert late.decision_id == welcome.decision_id
    assert late.reward == pytest.approx(0.3)


def test_out_of_order_sessions_and_payments_say_nothing_new() -> None:
    lead = pays(session(active(), 8).lead, 8, PAID).lead

    missed = session(session(lead, 6, attended=False, told=9).lead, 7, attended=False, told=9)
    unpaid = pays(lead, 5, MISSED)

    assert missed.lead.status is Status.ACTIVE
    assert missed.decision.reason == "membership_recorded"
    assert unpaid.lead.status is Status.ACTIVE
    assert unpaid.decision.reason == "membership_recorded"


def test_a_stranger_is_created_as_new_and_only_recorded() -> None:
    answer = on_payment(None, given.payment(given.NOON, PAID), given.NOON, LEARNED)

    assert answer.lead.status is Status.NEW
    assert answer.decision.reason == "membership_recorded"


def test_a3_masks_of_retention() -> None:
    def may(action: str, lead: Lead, days: float = 0) -> bool:
        return action in allowed(lead, given.later(days=days), given.PARAMETERS)

    everyone = {status: Lead("fam-1", status=status, since=given.NOON) for status in Status}
    missed = Membership(missed=Mention("e", 1))
    for status, lead in everyone.items():
        leaving = status in (Status.AT_RISK, Status.INACTIVE)
        assert may("first_session_reminder", lead) is (status is Status.ENROLLED)
        assert may("barrier_investigation", lead) is leaving
        assert may("social_proof", lead) is leaving
        assert may("low_commitment_invite", lead) is (
            status in (Status.CONTACTED, Status.INTERESTED, Status.INACTIVE)
        )
        assert not may("reschedule_offer", lead)
        assert may("reschedule_offer", replace(lead, membership=missed))
        assert not may("win_back_offer", lead, days=29)
        assert may("win_back_offer", lead, days=30) is (status is Status.INACTIVE)


def unheard(count: int, channel: Channel) -> Lead:
    outcome = Outcome.NO_ANSWER if channel is Channel.VOICE else Outcome.COMPLETED
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    for ordinal in range(count):
        tried = given.contact(given.later(hours=ordinal), ordinal, channel=channel, outcome=outcome)
        lead = on_interaction(lead, tried, given.later(hours=ordinal), LEARNED).lead
    return lead


def test_a4_after_six_unanswered_calls_only_three_actions_remain() -> None:
    assert "warm_follow_up" in allowed(unheard(5, Channel.VOICE), given.later(hours=9), given.PARAMETERS)

    refusals = verdicts(unheard(6, Channel.VOICE), given.later(hours=9), given.PARAMETERS)

    assert {name for name, why in refusals.items() if why is None} == {"wait", "channel_switch", "stop"}
    assert "unanswered" in sentence(str(refusals["warm_follow_up"]))


def test_a4_a_message_counts_after_three_days_and_a_word_of_theirs_ends_the_count() -> None:
    lead = unheard(6, Channel.SMS)

    assert "warm_follow_up" in allowed(lead, given.later(days=2), given.PARAMETERS)
    assert "warm_follow_up" not in allowed(lead, given.later(days=4), given.PARAMETERS)

    heard = on_interaction(lead, given.text(given.later(days=5), 99), given.later(days=5), LEARNED).lead
    assert heard.unanswered == ()
    assert "warm_follow_up" in allowed(heard, given.later(days=5), given.PARAMETERS)
