"""S: status, consent, household."""

from dataclasses import replace

import pytest

from domain.context import with_interaction, with_record
from domain.extraction import OptOutSaid
from domain.moves import MOVES, Cause, causes, is_two_way, path
from domain.states import Lead
from domain.vocabulary import Channel, Consent, Direction, Intent, OptOut, Outcome, Sentiment, Status
from tests import given
from tests.answers import on_interaction, on_lead, on_time

N, C, T, E = Status.NEW, Status.CONTACTED, Status.TRIAL, Status.ENROLLED
W = Status.INTERESTED
A, R, X, D = Status.ACTIVE, Status.AT_RISK, Status.INACTIVE, Status.DECLINED

TABLE = [
    (N, Cause.TWO_WAY, (C,)),
    (C, Cause.WARM, (W,)),
    (C, Cause.SCHEDULING, (W, T)),
    (W, Cause.SCHEDULING, (T,)),
    (N, Cause.ENROLMENT, (C, W, T, E)),
    (T, Cause.ENROLMENT, (E,)),
    (E, Cause.ATTENDED, (A,)),
    (E, Cause.MISSED_TWICE, (R,)),
    (E, Cause.MISSED_PAYMENT, (R,)),
    (E, Cause.DECAYED, (R,)),
    (E, Cause.DECLINING, (R,)),
    (A, Cause.MISSED_TWICE, (R,)),
    (A, Cause.DECLINING, (R,)),
    (R, Cause.ATTENDED, (A,)),
    (R, Cause.RECOVERED, (A,)),
    (R, Cause.DECAYED, (X,)),
    (X, Cause.ENGAGED, (R,)),
    *((status, Cause.DECLINING, (D,)) for status in (N, C, W, T, R, X)),
]


@pytest.mark.parametrize(("status", "cause", "then"), TABLE)
def test_s3_the_table(status: Status, cause: Cause, then: tuple[Status, ...]) -> None:
    assert path(status, (cause,)) == (status, *then)


def test_s3_nothing_else_moves() -> None:
    listed = {(status, cause) for status, cause, _then in TABLE}
    for cause, moves in MOVES.items():
        for status in moves:
            if (status, cause) not in listed:
                assert cause in (Cause.ENROLMENT, Cause.MISSED_PAYMENT), (status, cause)
    assert path(D, tuple(Cause)) == (D,)


def test_s3_sign_up_enrols_only_where_parameters_say_so() -> None:
    event = given.contact(extraction=given.said(signed_up=given.SIGNED_UP))
    records = replace(given.PARAMETERS, enrolment_from="records")

    assert Cause.ENROLMENT in causes(event, given.PARAMETERS)
    assert Cause.ENROLMENT not in causes(event, records)


def test_s3_a_question_warms_only_without_ill_feeling() -> None:
    def warm(sentiment: Sentiment) -> bool:
        event = given.text(extraction=given.said(Intent.REQUESTING_INFO, sentiment))
        return Cause.WARM in causes(event, given.PARAMETERS)

    assert warm(Sentiment.NEUTRAL)
    assert not warm(Sentiment.NEGATIVE)


def test_s3_two_way_is_a_completed_call_or_any_inbound_message() -> None:
    assert is_two_way(given.contact())
    assert is_two_way(given.text())
    assert is_two_way(given.contact(direction=Direction.INBOUND, outcome=Outcome.VOICEMAIL))
    assert not is_two_way(given.missed_call())
    assert not is_two_way(given.contact(outcome=Outcome.VOICEMAIL))
    assert not is_two_way(given.contact(channel=Channel.EMAIL))


def test_s4_a_first_call_that_books_a_visit_makes_three_hops() -> None:
    lead = on_lead(None, given.lead(), given.NOON, given.learned()).lead
    event = given.contact(extraction=given.said(Intent.SCHEDULING))

    (transition,) = on_interaction(lead, event, given.NOON, given.learned()).transitions

    assert [hop.to_status for hop in transition.hops] == [C, W, T]
    assert transition.reward == pytest.approx(1.2)


def test_s3_at_risk_decays_to_inactive_after_14_days() -> None:
    lead = Lead("fam-1", status=A)
    left = on_interaction(
        lead, given.text(extraction=given.said(Intent.DECLINING)), given.NOON, given.learned()
    ).lead
    assert left.status is R
    assert left.decays_at == given.later(days=14)

    decayed = on_time(left, given.later(days=14), given.later(days=14, minutes=1), 9, given.learned())

    assert decayed.lead.status is X
    assert decayed.transitions[0].reward == pytest.approx(-0.7)
    assert decayed.lead.decays_at is None


def test_s2_consent_is_the_strictest_of_the_guardians() -> None:
    lead = with_record(
        Lead("fam-1"), given.lead(consents={"g1": Consent.CONTACTABLE, "g2": Consent.OPTED_OUT})
    )

    assert lead.consent is Consent.OPTED_OUT


def test_s1_an_opt_out_survives_every_record_and_message() -> None:
    out = with_interaction(Lead("fam-1"), given.text(opt_out=OptOut.YES), given.PARAMETERS)

    assert with_record(out, given.lead()).consent is Consent.OPTED_OUT
    assert with_interaction(out, given.text(ordinal=2), given.PARAMETERS).consent is Consent.OPTED_OUT
    assert (
        with_interaction(out, given.text(opt_out=OptOut.UNSURE), given.PARAMETERS).consent
        is Consent.OPTED_OUT
    )


def test_t2_unsure_holds_whoever_said_so() -> None:
    by_model = given.text(extraction=given.said(opt_out=OptOutSaid(OptOut.UNSURE)))

    assert with_interaction(Lead("fam-1"), by_model, given.PARAMETERS).consent is Consent.HELD
    assert (
        with_interaction(Lead("fam-1"), given.text(opt_out=OptOut.UNSURE), given.PARAMETERS).consent
        is Consent.HELD
    )
