"""P2, P3: whatever is known and however it is explored, the recorded probabilities are those of the choice."""

import math
from collections import Counter
from dataclasses import replace

from hypothesis import given as such_that
from hypothesis import settings

from domain.actions import ACTIONS
from domain.parameters import Exploration
from domain.policies import Learned
from domain.q_learning import Row, Values
from tests import given
from tests.answers import on_lead, on_time
from tests.unit.domain.properties.stories import Story, stories
from tests.unit.domain.properties.telling import decisions, told


@settings(max_examples=25)
@such_that(stories())
def test_p3_probabilities_sum_to_one_over_the_allowed_actions(story: Story) -> None:
    for each in decisions(story):
        decision = each.decision
        chances = {one.action: one.probability for one in decision.actions}
        assert list(chances) == list(ACTIONS)
        assert math.isclose(sum(chances.values()), 1.0, rel_tol=0.0, abs_tol=1e-9)
        assert all(0.0 <= chance <= 1.0 + 1e-9 for chance in chances.values())
        assert [one.action for one in decision.actions if one.probability and not one.allowed] == []
        assert decision.action is not None
        assert chances[decision.action] > 0.0
        assert all((one.reason is None) == one.allowed for one in decision.actions)
        if decision.exploration is None:
            assert (chances[decision.action], decision.explored) == (1.0, False)


@settings(max_examples=8)
@such_that(stories())
def test_p2_the_same_story_is_decided_alike(story: Story) -> None:
    assert told(story) == told(story)


def test_p3_many_decisions_are_made_as_often_as_their_record_says() -> None:
    """Pearson's statistic of 4000 decisions of one household, each under its own id, stays below its 99.9% quantile."""
    known = {
        "warm_follow_up": Row(0.5, 40, 0, 0.0, 1),
        "info_send": Row(0.45, 9, 0, 0.0, 1),
        "wait": Row(0.2, 1, 20, 0.0, 1),
        "scheduling_push": Row(-0.9, 30, 0, 0.0, 1),
    }
    values = Values("default", 1, 0.1, 0.9, {"new:neutral": known})
    how = Exploration("academy", rate=0.6, width=1.0, unseeded=0.3)
    learned = Learned(values, replace(given.PARAMETERS, exploration=how))
    lead = on_lead(None, given.lead(), given.NOON, learned).lead
    many = 4000

    made = [
        on_time(lead, given.later(seconds=one), given.later(days=9), 1, learned).decision
        for one in range(many)
    ]

    assert len({decision.actions for decision in made}) == 1
    expected = {one.action: one.probability * many for one in made[0].actions if one.probability}
    counted = Counter(decision.action for decision in made)
    assert counted.keys() == expected.keys()
    assert min(expected.values()) > 5
    statistic = sum((counted[name] - count) ** 2 / count for name, count in expected.items())
    assert 3 <= len(expected) - 1 <= 9
    assert statistic < 27.9  # of chi-square with 9 degrees of freedom; fewer have a lower one
    assert abs(sum(decision.explored for decision in made) / many - 0.6) < 0.03
