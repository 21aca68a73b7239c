"""S1, S3, S5 and D7: what records and operators state, and whose outcome it is."""

import pytest

from domain.credit import closed
from domain.decisions import Answer
from domain.q_learning import fold
from domain.records import Transition
from domain.states import Lead
from domain.vocabulary import (
    Consent,
    Intent,
    Level,
    OptOut,
    ReviewKind,
    Sentiment,
    Status,
    Told,
    Verdict,
)
from tests import given
from tests.answers import on_consent, on_enrolment, on_interaction, on_lead, on_status, on_time

LEARNED = given.learned()


def created() -> Lead:
    return on_lead(None, given.lead(), given.NOON, LEARNED).lead


def called(
    lead: Lead, hours: float, intent: Intent, ordinal: int = 1, recorded: float | None = None
) -> Answer:
    event = given.contact(
        given.later(hours=hours), ordinal, extraction=given.said(intent, Sentiment.POSITIVE)
    )
    return on_interaction(lead, event, given.later(hours=recorded or hours), LEARNED)


def declined() -> Answer:
    return called(created(), 1, Intent.DECLINING)


def late(answer: Answer) -> list[Transition]:
    return [one for one in answer.transitions if one.kind == "late"]


def test_s3_an_enrolment_of_the_records_emits_every_hop() -> None:
    answer = on_enrolment(created(), given.enrolment(given.later(hours=1)), given.later(hours=1), LEARNED)

    (transition,) = answer.transitions
    assert [hop.to_status for hop in transition.hops] == ["contacted", "interested", "trial", "enrolled"]
    assert transition.reward == pytest.approx(2.2)
    assert answer.decision.status is Status.ENROLLED
    assert answer.lead.decays_at is not None


def test_d5_an_enrolment_that_moves_nothing_teaches_nothing() -> None:
    enrolled = on_enrolment(created(), given.enrolment(given.later(hours=1)), given.later(hours=1), LEARNED)

    again = on_enrolment(
        enrolled.lead, given.enrolment(given.later(hours=2), 2), given.later(hours=2), LEARNED
    )

    assert again.transitions == ()
    assert (again.decision.verdict, again.decision.reason) == (Verdict.NONE, "status_unmoved")
    assert again.lead.in_force == enrolled.lead.in_force


def test_d5_what_no_decision_preceded_teaches_nothing() -> None:
    answer = on_enrolment(None, given.enrolment(given.NOON), given.NOON, LEARNED)

    (transition,) = answer.transitions
    assert (transition.action, transition.decision_id) == (None, None)
    before = LEARNED.values
    assert fold(before, transition, 7).rows == before.rows


def test_s5_an_observed_status_is_folded_like_any_cause() -> None:
    event = given.status(given.later(hours=3), Status.TRIAL, Told.OBSERVED)

    answer = on_status(created(), event, given.later(hours=3), LEARNED)

    (transition,) = answer.transitions
    assert transition.reward == pytest.approx(0.1 + 0.4 + 0.7)
    assert answer.decision.verdict is Verdict.DECISION
    assert answer.lead.status is Status.TRIAL


def test_s5_a_correction_earns_nothing_and_takes_back_what_was_taught() -> None:
    wrong = declined()
    (taught,) = wrong.transitions
    assert taught.reward == pytest.approx(0.1 - 1.0)

    event = given.status(given.later(hours=9), Status.CONTACTED, Told.CORRECTION)
    answer = on_status(wrong.lead, event, given.later(hours=9), LEARNED)

    assert answer.decision.reason == "corrected"
    assert answer.decision.override is None
    (back,) = late(answer)
    assert (back.decision_id, back.from_state, back.action) == (
        taught.decision_id,
        taught.from_state,
        taught.action,
    )
    assert back.reward == -taught.reward
    assert [one.reward for one in answer.transitions if one.kind != "late"] == [0.0]


def test_s5_a_correction_is_taken_back_once() -> None:
    corrected = on_status(
        declined().lead,
        given.status(given.later(hours=9), Status.CONTACTED, Told.CORRECTION),
        given.later(hours=9),
        LEARNED,
    )
    again = on_status(
        corrected.lead,
        given.status(given.later(hours=10), Status.DECLINED, Told.OBSERVED, 2),
        given.later(hours=10),
        LEARNED,
    )
    once_more = on_status(
        again.lead,
        given.status(given.later(hours=11), Status.CONTACTED, Told.CORRECTION, 3),
        given.later(hours=11),
        LEARNED,
    )

    assert [one.reward for one in late(once_more)] == [1.0]
    assert late(once_more)[0].decision_id == corrected.decision.decision_id


def test_s5_a_status_that_is_there_already_is_said_to_be() -> None:
    answer = on_status(created(), given.status(given.NOON, Status.NEW, Told.OBSERVED), given.NOON, LEARNED)

    assert answer.decision.verdict is Verdict.ALREADY
    assert answer.transitions == ()


def test_s6_a_decline_that_was_read_and_words_after_it_go_to_the_queue_until_an_operator_speaks() -> None:
    answer = declined()
    assert [review.kind for review in answer.lead.reviews] == [ReviewKind.DECLINED_BY_MODEL]

    wrote = on_interaction(answer.lead, given.text(given.later(hours=30), 2), given.later(hours=30), LEARNED)
    assert [review.kind for review in wrote.lead.reviews] == [
        ReviewKind.DECLINED_BY_MODEL,
        ReviewKind.INBOUND_AFTER_DECLINE,
    ]
    assert wrote.decision.override == "declined"

    said = on_status(
        wrote.lead,
        given.status(given.later(hours=31), Status.DECLINED, Told.OBSERVED),
        given.later(hours=31),
        LEARNED,
    )
    assert said.lead.reviews == ()
    assert said.decision.verdict is Verdict.ALREADY


def test_s6_a_held_consent_goes_to_the_queue_until_it_is_settled() -> None:
    held = on_interaction(
        created(), given.text(given.later(hours=1), opt_out=OptOut.UNSURE), given.later(hours=1), LEARNED
    )
    assert [review.kind for review in held.lead.reviews] == [ReviewKind.HELD]
    assert (held.decision.action, held.decision.override) == ("wait", "held")

    lifted = on_consent(
        held.lead,
        given.consent(given.later(hours=2), Consent.CONTACTABLE, false_detection=True),
        given.later(hours=2),
        LEARNED,
    )
    assert lifted.lead.reviews == ()
    assert lifted.decision.override is None


def opted_out() -> Answer:
    return on_interaction(
        created(), given.text(given.later(hours=5), opt_out=OptOut.YES), given.later(hours=5), LEARNED
    )


def test_s1_a_family_may_refuse_and_agree_again() -> None:
    refused = on_consent(
        created(), given.consent(given.later(hours=1), Consent.OPTED_OUT), given.later(hours=1), LEARNED
    )
    assert refused.decision.override == "opted_out"
    (transition,) = refused.transitions
    assert (transition.reward, transition.terminal) == (-1.0, True)

    agreed = on_consent(
        refused.lead,
        given.consent(given.later(hours=2), Consent.CONTACTABLE, 2),
        given.later(hours=2),
        LEARNED,
    )
    assert agreed.lead.consent is Consent.CONTACTABLE
    assert agreed.decision.verdict is Verdict.DECISION


def test_s1_an_agreement_from_before_the_refusal_lifts_nothing() -> None:
    answer = on_consent(
        opted_out().lead,
        given.consent(given.later(hours=4), Consent.CONTACTABLE),
        given.later(hours=6),
        LEARNED,
    )

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.SUPERSEDED, "refused_since")
    assert answer.lead.consent is Consent.OPTED_OUT


def test_s1_one_guardian_cannot_lift_what_another_refused() -> None:
    answer = on_consent(
        opted_out().lead,
        given.consent(given.later(hours=8), Consent.CONTACTABLE, guardian_id="g2"),
        given.later(hours=8),
        LEARNED,
    )

    assert answer.lead.consent is Consent.OPTED_OUT
    assert answer.decision.verdict is Verdict.APPLIED


def test_s1_a_false_detection_is_lifted_and_taken_back() -> None:
    wrong = opted_out()
    answer = on_consent(
        wrong.lead,
        given.consent(given.later(hours=6), Consent.CONTACTABLE, false_detection=True),
        given.later(hours=6),
        LEARNED,
    )

    (back,) = late(answer)
    assert back.reward == 1.0
    assert back.decision_id == wrong.transitions[0].decision_id
    again = on_consent(
        answer.lead,
        given.consent(given.later(hours=7), Consent.CONTACTABLE, 2),
        given.later(hours=7),
        LEARNED,
    )
    assert again.decision.verdict is Verdict.ALREADY


def test_d7_an_event_credits_the_decision_in_force_when_it_took_place() -> None:
    first = created()
    assert first.in_force is not None
    texted = on_interaction(first, given.text(given.later(hours=48), 1), given.later(hours=48), LEARNED)

    told = on_enrolment(texted.lead, given.enrolment(given.later(hours=20)), given.later(hours=50), LEARNED)

    (credited,) = late(told)
    assert credited.decision_id == first.in_force.decision_id
    assert credited.reward == pytest.approx(2.1)
    (closed,) = (one for one in told.transitions if one.kind != "late")
    assert (closed.decision_id, closed.reward, closed.hops) == (texted.decision.decision_id, 0.0, ())
    assert closed.to_state == told.decision.state


def test_d7_late_adds_reward_alone() -> None:
    before = LEARNED.values
    told = on_enrolment(
        on_interaction(created(), given.text(given.later(hours=48), 1), given.later(hours=48), LEARNED).lead,
        given.enrolment(given.later(hours=20)),
        given.later(hours=50),
        LEARNED,
    )
    (credited,) = late(told)
    assert credited.action is not None
    row, after = before.row(credited.from_state, credited.action), fold(before, credited, 9)
    learned = after.row(credited.from_state, credited.action)

    assert learned.q == pytest.approx(row.q + 0.1 * credited.reward)
    assert (learned.visits, learned.reward_sum) == (row.visits, row.reward_sum + credited.reward)


def test_d7_what_is_older_than_every_remembered_decision_credits_none() -> None:
    lead = created()
    for round_ in range(20):
        lead = on_time(
            lead, lead.due or given.NOON, given.later(days=10 * (round_ + 1)), 200 + round_, LEARNED
        ).lead
    assert len(closed(lead.past)) == 16

    told = on_enrolment(lead, given.enrolment(given.later(hours=1)), given.later(days=220), LEARNED)

    (credited,) = late(told)
    assert (credited.decision_id, credited.action) == (None, None)


def test_a_talk_told_out_of_order_says_so_and_beats_nothing_said_since() -> None:
    newer = called(created(), 30, Intent.INTERESTED)
    answer = called(newer.lead, 20, Intent.DECLINING, 2, recorded=31)

    assert answer.decision.reason == "told_late"
    assert answer.lead.status is Status.INTERESTED
    assert answer.lead.context.stance == newer.lead.context.stance
    assert answer.lead.inbound_at == newer.lead.inbound_at
    assert given.later(hours=20) in answer.lead.outbound_at


def test_a_refusal_told_out_of_order_still_counts() -> None:
    newer = called(created(), 30, Intent.INTERESTED)
    old = given.text(given.later(hours=20), 2, opt_out=OptOut.YES)

    answer = on_interaction(newer.lead, old, given.later(hours=31), LEARNED)

    assert answer.decision.override == "opted_out"


def test_a_household_nobody_recorded_is_created_as_new_and_said_so() -> None:
    answer = on_interaction(None, given.missed_call(), given.NOON, LEARNED)

    assert answer.decision.reason == "lead_without_record"
    assert answer.lead.status is Status.NEW


def test_a_worry_told_out_of_order_fills_only_what_nobody_spoke_of_since() -> None:
    newer = called(created(), 30, Intent.INTERESTED)
    old = given.contact(
        given.later(hours=20), 2, extraction=given.said(financial_signals=given.worried(Level.HIGH))
    )

    answer = on_interaction(newer.lead, old, given.later(hours=31), LEARNED)

    assert answer.lead.context.concern is not None
    assert answer.lead.context.stance == newer.lead.context.stance
