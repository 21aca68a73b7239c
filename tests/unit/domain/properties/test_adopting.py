"""Architecture 2.12: of any story each state follows from the input and the answer, and nothing need be decided."""

from dataclasses import replace

from hypothesis import given as such_that
from hypothesis import settings

from decider.service import effect
from domain.acts import DecisionAnswered
from domain.decisions import adopted
from domain.effects import Noted, Reopened
from domain.records import Ruling
from domain.vocabulary import Verdict
from tests.answers import ruling
from tests.unit.domain.properties.stories import OFTEN, Story, steps, stories
from tests.unit.domain.properties.telling import Handled, told

ANSWERED = steps([*OFTEN, *[DecisionAnswered] * 9])


def done(each: Handled, story: Story) -> Noted | Reopened:
    found = effect(each.before, each.told, story.learned.parameters)
    assert found is not None
    return found


@settings(max_examples=50)
@such_that(stories(ANSWERED))
def test_2_12_a_state_is_the_same_adopted_as_decided(story: Story) -> None:
    for each in told(story):
        assert adopted(done(each, story), ruling(each.decision)) == each.after


@settings(max_examples=15)
@such_that(stories(ANSWERED))
def test_2_12_a_decision_stays_in_force_where_none_was_recorded_that_would_be_made_now(story: Story) -> None:
    for each in told(story):
        found = done(each, story)
        if isinstance(found, Reopened):
            other: Ruling = replace(ruling(each.decision), verdict=Verdict.NONE)
            after, held = adopted(found, other), found.passage.after
            assert after == replace(held, sequence=held.sequence + 1)
            assert (after.past, after.in_force) == (held.past, held.in_force)
