"""R1, R2, R4: what each step is worth, and that a decision is discounted once, however long it took."""

from dataclasses import replace

import pytest

from decider.service import handle
from domain.q_learning import fold
from domain.records import Transition
from domain.reward_table import REWARDS
from domain.rewards import hops, total, worth
from domain.states import Lead
from domain.vocabulary import Status, Told
from runtime.transform import Output, Record
from tests import given
from tests.answers import on_interaction, on_lead

WORTH = {
    ("new", "contacted"): 0.1,
    ("contacted", "interested"): 0.4,
    ("interested", "trial"): 0.7,
    ("trial", "enrolled"): 1.0,
    ("enrolled", "active"): 0.3,
    ("active", "at_risk"): -0.5,
    ("at_risk", "inactive"): -0.7,
    ("at_risk", "active"): 0.5,
    ("inactive", "at_risk"): 0.3,
}
SLIPPED = {("enrolled", "at_risk"): -0.5}


def closing(hours: float) -> Transition:
    """A family's answer so long after the first decision."""
    lead = on_lead(None, given.lead(), given.NOON, given.learned()).lead
    at = given.later(hours=hours)
    (found,) = on_interaction(lead, given.text(at), at, given.learned()).transitions
    return found


@pytest.mark.parametrize(("step", "reward"), WORTH.items())
def test_r1_a_step_is_worth_what_the_table_says(step: tuple[str, str], reward: float) -> None:
    here, there = map(Status, step)

    assert worth(here, there, REWARDS) == reward


def test_r1_a_decline_costs_the_same_from_everywhere_and_a_stall_a_little() -> None:
    living = [status for status in Status if status is not Status.DECLINED]

    assert {worth(status, Status.DECLINED, REWARDS) for status in living} == {-1.0}
    assert total((), 0.0, REWARDS) == -0.02
    steps = hops((Status.NEW, Status.CONTACTED), REWARDS)
    assert total(steps, 0.0, REWARDS) == 0.1, "what moved has not stalled"


def test_r2_the_enrolled_who_slip_cost_as_the_active_and_nothing_else_is_listed() -> None:
    listed = WORTH | SLIPPED
    pairs = [(here, there) for here in Status for there in Status if there is not Status.DECLINED]

    assert {(here.value, there.value): worth(here, there, REWARDS) for here, there in pairs} == {
        (here.value, there.value): listed.get((here.value, there.value), 0.0) for here, there in pairs
    }


def test_r4_a_decision_is_discounted_once_and_says_how_long_it_took() -> None:
    soon, late = closing(1), closing(70)

    assert (soon.elapsed_s, late.elapsed_s) == (3_600, 70 * 3_600)
    assert soon.next_actions
    same = replace(late, elapsed_s=soon.elapsed_s)
    assert fold(given.seeded(), late, 7) == fold(given.seeded(), same, 7)
    values = given.seeded()
    best = max(values.row(soon.to_state, action).q for action in soon.next_actions)
    assert best > 0.0
    q = values.row(soon.from_state, str(soon.action)).q
    after = fold(values, soon, 7).row(soon.from_state, str(soon.action)).q
    assert after == pytest.approx(q + 0.1 * (soon.reward + 0.9 * best - q))


def test_r2_a_step_that_no_reward_prices_is_worth_nothing_and_is_counted() -> None:
    counted: list[tuple[str, str]] = []
    active = Lead("fam-1", status=Status.ACTIVE, sequence=1)
    told = given.status(given.later(days=1), Status.TRIAL, Told.OBSERVED)
    declined = given.status(given.later(days=2), Status.DECLINED, Told.OBSERVED, 2)

    def answered(lead: Lead | None, event: object) -> tuple[Lead | None, tuple[Output, ...]]:
        record = Record("enriched", 0, 1, "fam-1", event, given.later(days=3))
        return handle(given.learned, lead, record, lambda here, there: counted.append((here, there)))

    after, outputs = answered(active, told)
    answered(after, declined)

    (taught,) = [output.value for output in outputs if output.topic == "transitions"]
    assert [hop.reward for hop in taught.hops] == [0.0]
    assert counted == [("active", "trial")]
