"""L3, L5: what a learned row counts, and that every arm teaches one table."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as such_that
from hypothesis import strategies as st

from decider.service import handle
from domain.actions import ACTIONS
from domain.parameters import Arm, Experiment
from domain.policies import Learned, Situation, select
from domain.q_learning import Row, Values, fold
from domain.records import Transition
from domain.states import Lead
from domain.vocabulary import Bucket
from runtime.transform import Record
from tests import given
from tests.answers import on_interaction, on_lead

SEEDED = given.seeded()


def closed(lead: str = "fam-1", **parameters: Any) -> Transition:
    """What the first answer of a family taught."""
    learned = given.learned(**parameters)
    first = on_lead(None, given.lead(lead_id=lead), given.NOON, learned).lead
    (found,) = on_interaction(first, given.text(lead_id=lead), given.later(hours=2), learned).transitions
    return found


ONE = closed()
TAUGHT = st.lists(
    st.builds(
        lambda state, action, reward, late: replace(
            ONE, from_state=state, action=action, reward=reward, kind="late" if late else "organic"
        ),
        st.sampled_from(["new:neutral", "trial:considering"]),
        st.sampled_from(["wait", "gentle_nudge", "info_send"]),
        st.integers(-4, 4).map(float),
        st.booleans(),
    ),
    max_size=12,
)


@such_that(TAUGHT.flatmap(lambda taught: st.tuples(st.just(taught), st.permutations(taught))))
def test_l3_a_row_counts_real_visits_apart_and_sums_rewards_in_any_order(
    orders: tuple[list[Transition], list[Transition]],
) -> None:
    taught = orders[0]
    visits = Counter((one.from_state, one.action) for one in taught if one.kind != "late")
    for order in orders:
        values = SEEDED
        for version, transition in enumerate(order, 1):
            values = fold(values, transition, version)

        for state, action, row in values:
            rewards = [one.reward for one in taught if (one.from_state, one.action) == (state, action)]
            assert row.visits == visits[state, action]
            assert row.pseudo_visits == SEEDED.row(state, action).pseudo_visits
            assert row.reward_sum == sum(rewards)


def test_l3_the_bonus_counts_seeds_as_visits() -> None:
    rows = {"new:neutral": {"wait": Row(0.0, 2, 3, 0.0, 1), "info_send": Row(0.0, 1, 1, 0.0, 1)}}
    learned = Learned(Values("default", 1, 0.1, 0.9, rows), given.PARAMETERS)

    chosen = select(Situation(Lead("fam-1"), Bucket.NEUTRAL, "d-1", dict.fromkeys(ACTIONS)), learned)

    bonuses = {one.action: one.bonus for one in chosen.actions}
    assert bonuses["wait"] == pytest.approx(math.sqrt(math.log(8) / 6))
    assert bonuses["info_send"] == pytest.approx(math.sqrt(math.log(8) / 3))


def test_l5_every_arm_teaches_the_one_table_once() -> None:
    trial = Experiment("spring", "salt", (Arm("ucb", 1.0), Arm("rules", 1.0)))
    families = [f"fam-{number}" for number in range(20)]

    taught = [closed(family, experiment=trial) for family in families]

    assert {one.arm for one in taught} == {"ucb", "rules"}
    assert {one.table_id for one in taught} == {given.PARAMETERS.table_id}
    assert len({one.transition_id for one in taught}) == len(families)
    assert [closed(family, experiment=trial) for family in families] == taught


def test_l5_a_further_table_learns_from_each_transition_once_under_an_id_of_its_own() -> None:
    learned = given.learned(also_teaches=("second",))
    lead = on_lead(None, given.lead(), given.NOON, learned).lead
    record = Record("enriched", 0, 1, "fam-1", given.contact(given.later(hours=1)), given.later(hours=1))

    _after, outputs = handle(lambda: learned, lead, record)

    taught = [output for output in outputs if output.topic == "transitions"]
    first, second = (output.value for output in taught)
    assert [output.key for output in taught] == ["default", "second"]
    assert second == replace(first, table_id="second", transition_id=second.transition_id)
    assert first.transition_id != second.transition_id
