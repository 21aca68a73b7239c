"""P, L4 and A2: selection, seeds, masks."""

import math
from dataclasses import replace
from typing import Any

import pytest

from domain.actions import ACTIONS, allowed, verdicts
from domain.masks import sentence
from domain.parameters import Arm, Experiment, Exploration
from domain.policies import Learned, Selection, Situation, select, ucb_bonus
from domain.q_learning import Row, Values
from domain.seeds import seeds
from domain.states import Concern, Context, Lead, Mention
from domain.vocabulary import Bucket, Level, Status
from tests import given


def values(**rows: Row) -> Values:
    return Values("default", 1, 0.1, 0.9, {"new:neutral": rows})


def pick(known: Values, *open_actions: str, c: float = 1.0) -> str:
    return selected(known, *open_actions, ucb_c=c).action


def selected(
    known: Values, *open_actions: str, lead: str = "fam-1", of: str = "d-1", **parameters: Any
) -> Selection:
    refusals = {name: None if name in open_actions else "no" for name in ACTIONS}
    learned = Learned(known, replace(given.PARAMETERS, **parameters))
    return select(Situation(Lead(lead), Bucket.NEUTRAL, of, refusals), learned)


def test_p1_the_bonus_by_hand() -> None:
    assert ucb_bonus(1.0, 7, 3) == pytest.approx(math.sqrt(math.log(8) / 4))


def test_p1_greedy_without_a_bonus_and_curious_with_one() -> None:
    known = values(wait=Row(0.5, 50, 0, 25.0, 1), info_send=Row(0.2, 1, 0, 0.2, 1))

    assert pick(known, "wait", "info_send", c=0.0) == "wait"
    assert pick(known, "wait", "info_send", c=1.0) == "info_send"


def test_p1_stop_gets_no_bonus() -> None:
    known = values(wait=Row(0.0, 500, 0, 0.0, 1))

    assert pick(known, "wait", "stop") == "wait"


def test_l1_ties_go_to_the_earlier_name() -> None:
    assert pick(values(), "info_send", "gentle_nudge") == "info_send"


def test_l4_every_state_that_learning_decides_is_seeded() -> None:
    states = {seed.state for seed in seeds(1)}

    wanted = {f"{status}:{bucket}" for status in Status for bucket in Bucket if status is not Status.DECLINED}
    assert states == wanted
    assert {seed.action for seed in seeds(1)} <= set(ACTIONS)


def test_l4_on_day_one_a_seeded_action_is_chosen_where_one_is_allowed() -> None:
    known = given.seeded()
    for state, rows in known.rows.items():
        status, about = state.split(":")
        lead = Lead("fam-1", status=Status(status))
        at = Situation(lead, Bucket(about), "d-1", dict.fromkeys(ACTIONS))

        best = select(at, Learned(known, given.PARAMETERS))

        assert best.action == max(rows, key=lambda action: rows[action].q), state


def test_a1_the_twelve_actions_and_six_of_retention() -> None:
    assert list(ACTIONS) == [
        "warm_follow_up", "scheduling_push", "scholarship_outreach", "info_send", "gentle_nudge",
        "objection_address", "welcome_onboard", "retention_check_in", "family_engage", "channel_switch",
        "wait", "stop",
        "first_session_reminder", "reschedule_offer", "barrier_investigation", "social_proof",
        "low_commitment_invite", "win_back_offer",
    ]  # fmt: skip


def test_a2_masks() -> None:
    def may(action: str, **lead: object) -> bool:
        household = replace(Lead("fam-1"), **lead)  # type: ignore[arg-type] # each test names real fields
        return action in allowed(household, given.NOON, given.PARAMETERS)

    assert may("welcome_onboard", status=Status.ENROLLED)
    assert not may("welcome_onboard", status=Status.TRIAL)
    for status in Status:
        members = status in (Status.ACTIVE, Status.AT_RISK, Status.INACTIVE)
        assert may("retention_check_in", status=status) is members
    assert may("family_engage", context=Context(siblings=Mention("e", 1)))
    assert not may("family_engage")
    assert may("scholarship_outreach", context=Context(concern=Concern("e", Level.LOW, 1)))
    assert not may("scholarship_outreach")
    assert may("stop", interactions=3)
    assert not may("stop", interactions=2)


def test_a2_a_refusal_says_why() -> None:
    refusals = verdicts(Lead("fam-1"), given.NOON, given.PARAMETERS)

    assert refusals["stop"] == "enough_interactions"
    assert sentence("enough_interactions") == "too early to give up"
    assert sentence("overridden:declined") == "overridden by the rule declined"
    assert refusals["wait"] is None


EXPLORING = Exploration(seed="s", rate=0.5, width=0.5, unseeded=0.1)


def test_p3_the_record_holds_the_constants_and_exact_probabilities() -> None:
    known = values(wait=Row(0.5, 50, 0, 25.0, 1), info_send=Row(0.45, 50, 0, 0.2, 1))

    draws = [
        selected(known, "wait", "info_send", ucb_c=0.0, exploration=EXPLORING, of=str(number))
        for number in range(50)
    ]

    assert {one.action for one in draws} == {"wait", "info_send"}
    assert {one.explored for one in draws} == {True, False}
    for one in draws:
        assert one.exploration == EXPLORING
        chances = {action.action: action.probability for action in one.actions if action.probability}
        assert chances == {"wait": 0.75, "info_send": 0.25}


def test_p2_the_same_table_input_and_id_choose_the_same() -> None:
    known = values(wait=Row(0.5, 50, 0, 25.0, 1), info_send=Row(0.45, 50, 0, 0.2, 1))

    assert selected(known, "wait", "info_send", exploration=EXPLORING) == selected(
        known, "wait", "info_send", exploration=EXPLORING
    )


def test_p5_below_the_floor_of_real_visits_the_rules_decide_and_the_record_says_so() -> None:
    seeded = values(wait=Row(0.9, 19, 500, 1.0, 1))

    below = selected(seeded, "wait", "warm_follow_up", floor_visits=20)
    above = selected(
        values(wait=Row(0.9, 20, 500, 1.0, 1)), "wait", "warm_follow_up", floor_visits=20, ucb_c=0.0
    )

    assert (below.policy_id, below.arm.policy_id, below.action) == ("rules", "ucb", "warm_follow_up")
    assert (above.policy_id, above.action) == ("ucb", "wait")


def test_p4_the_arm_chooses_and_the_rules_arm_explores_nothing() -> None:
    trial = Experiment("spring", "salt", (Arm("ucb", 1.0), Arm("rules", 1.0)))
    known = values(wait=Row(0.9, 500, 0, 1.0, 1))

    chosen = [
        selected(
            known,
            "wait",
            "warm_follow_up",
            lead=f"fam-{n}",
            experiment=trial,
            exploration=EXPLORING,
            ucb_c=0.0,
        )
        for n in range(40)
    ]

    ruled = [one for one in chosen if one.arm.policy_id == "rules"]
    assert 8 < len(ruled) < 32
    assert {(one.action, one.policy_id, one.exploration) for one in ruled} == {
        ("warm_follow_up", "rules", None)
    }
    assert {one.policy_id for one in chosen if one.arm.policy_id == "ucb"} == {"ucb"}
    assert {one.arm.weight for one in chosen} == {0.5}


def test_a5_where_one_action_is_left_nothing_is_explored() -> None:
    alone = selected(values(), "stop", exploration=EXPLORING)

    assert (alone.action, alone.explored, alone.exploration) == ("stop", False, None)
    assert sum(action.probability for action in alone.actions) == 1.0
