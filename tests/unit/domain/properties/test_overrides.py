"""A5, S1: over random logs, values, arms and settings, a refusal of the family beats everything, and stands."""

from dataclasses import replace

from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from domain.acts import ConsentTold, EnrolmentTold, StatusTold
from domain.acts_enriched import ConsentEnriched
from domain.events import InteractionRecorded, LeadRecorded
from domain.extraction import OptOutSaid
from domain.states import Lead
from domain.vocabulary import Channel, Consent, OptOut, Status
from runtime.transform import Record
from tests import given
from tests.answers import on_interaction, on_lead
from tests.unit.domain.properties.stories import OFTEN, Step, Story, steps, stories
from tests.unit.domain.properties.telling import decisions, told


def refused(step: Step, verdict: OptOut) -> Step:
    return replace(step, says={**step.says, "opt_out": verdict})


REFUSING = st.one_of(
    steps([ConsentTold, InteractionRecorded, ConsentTold, EnrolmentTold, StatusTold, *OFTEN[6:]]),
    steps([ConsentTold, EnrolmentTold, LeadRecorded]),
    st.builds(refused, steps([InteractionRecorded]), st.sampled_from([OptOut.UNSURE, OptOut.YES])),
)
"""Stories of families that refuse, and of refusals that are lifted."""


def forced(lead: Lead) -> tuple[str, str] | None:
    """What must be done for the household, and why, whatever else is known."""
    said = set(lead.consents.values())
    if Consent.OPTED_OUT in said:
        return "stop", "opted_out"
    if lead.status is Status.DECLINED:
        return "stop", "declined"
    return ("wait", "held") if Consent.HELD in said else None


@settings(max_examples=25)
@such_that(stories(REFUSING))
def test_a5_a_refusal_decides_whatever_was_learned_and_whoever_asks(story: Story) -> None:
    for each in decisions(story):
        decision, must = each.decision, forced(each.after)
        if must is None:
            assert decision.override is None
            continue
        assert (decision.action, decision.override) == must
        assert not decision.explored
        assert decision.exploration is None
        assert (decision.scheduled_for, decision.expires_at) == (None, None)
        assert {one.action: one.probability for one in decision.actions if one.probability} == {must[0]: 1.0}
        assert [one.action for one in decision.actions if one.allowed] == [must[0]]


@settings(max_examples=25)
@such_that(stories(REFUSING))
def test_a5_what_is_in_force_for_a_family_that_refused_is_what_its_refusal_forces(story: Story) -> None:
    for each in told(story):
        must, now = forced(each.after), each.after.in_force
        if must is not None and now is not None:
            assert (now.action, now.teaches) == (must[0], False)


@settings(max_examples=25)
@such_that(stories(REFUSING))
def test_a5_no_transition_ever_credits_an_overridden_decision(story: Story) -> None:
    handled = told(story)
    overridden = {each.decision.decision_id for each in handled if each.decision.override}

    for each in handled:
        for transition in each.transitions:
            assert transition.decision_id not in overridden
            assert (transition.decision_id is None) == (transition.action is None)


@settings(max_examples=25)
@such_that(stories(REFUSING))
def test_s1_no_event_but_a_word_on_consent_lifts_a_refusal(story: Story) -> None:
    order = list(Consent)
    for each in told(story):
        before = each.before.consents if each.before else {}
        stated = isinstance(each.told, Record) and isinstance(each.told.value, ConsentEnriched)
        for who, consent in before.items():
            assert stated or order.index(each.after.consents[who]) >= order.index(consent)


def test_a5_a_refusal_quoted_in_our_own_message_ends_the_decision_in_force() -> None:
    learned = given.learned()
    asked = on_lead(None, given.lead(), given.NOON, learned).lead
    quoting = given.contact(
        given.later(hours=1), channel=Channel.EMAIL, extraction=given.said(opt_out=OptOutSaid(OptOut.YES))
    )

    answer = on_interaction(asked, quoting, given.later(hours=1), learned)

    assert (answer.decision.action, answer.decision.override) == ("stop", "opted_out")
    assert [(one.action, one.reward, one.terminal) for one in answer.transitions] == [
        ("warm_follow_up", -1.0, True)
    ]
