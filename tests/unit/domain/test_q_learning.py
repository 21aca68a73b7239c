"""L1, L2: the arithmetic of learning, by hand, and the fold."""

from dataclasses import replace

import pytest

from domain.q_learning import (
    NO_VALUES,
    UNKNOWN,
    Marker,
    changed,
    discount,
    fold,
    learning_rate,
    row_key,
    td_error,
    with_rows,
)
from domain.records import Transition
from domain.vocabulary import Intent
from tests import given
from tests.answers import on_interaction, on_lead


def transition(**changes: object) -> Transition:
    lead = on_lead(None, given.lead(), given.NOON, given.learned()).lead
    event = given.text(extraction=given.said(Intent.INTERESTED))
    (found,) = on_interaction(lead, event, given.NOON, given.learned()).transitions
    return replace(found, **changes)  # type: ignore[arg-type] # each test names real fields


def test_l1_td_error_by_hand() -> None:
    assert td_error(q=0.4, reward=0.5, gamma=0.9, next_q=0.35) == pytest.approx(0.415)


def test_l1_the_target_is_the_best_of_the_next_actions() -> None:
    event = transition(reward=0.5, to_state="contacted:considering", next_actions=("gentle_nudge", "wait"))

    after = fold(given.seeded(), event, 7)

    row = after.row("new:neutral", "warm_follow_up")
    assert row.q == pytest.approx(0.4 + 0.1 * (0.5 + 0.9 * 0.35 - 0.4))
    assert (row.visits, row.pseudo_visits, row.reward_sum, row.version) == (1, 1, 0.5, 7)
    assert after.version == 7


def test_l1_a_terminal_step_takes_the_reward_alone() -> None:
    event = transition(reward=-1.0, next_actions=(), terminal=True)

    after = fold(given.seeded(), event, 7)

    assert after.row("new:neutral", "warm_follow_up").q == pytest.approx(0.4 + 0.1 * (-1.0 - 0.4))


def test_l2_the_rate_falls_with_the_visits_where_a_power_says_so() -> None:
    assert learning_rate(0.1, 0.0, 500) == 0.1
    assert learning_rate(0.1, 0.7, 21) == pytest.approx(21**-0.7)

    after = fold(
        replace(given.seeded(), alpha_power=0.7), transition(reward=-1.0, next_actions=(), terminal=True), 7
    )

    # one pseudo-visit and this one
    assert after.row("new:neutral", "warm_follow_up").q == pytest.approx(0.4 + 2**-0.7 * (-1.0 - 0.4))


def test_r4_by_days_a_long_wait_counts_for_less_than_a_short_one() -> None:
    assert discount(0.9, 0.0, 14 * 86_400) == 0.9
    assert discount(0.9, 0.966, 3 * 86_400) == pytest.approx(0.966**3)

    event = transition(reward=0.0, to_state="contacted:considering", next_actions=("wait", "info_send"))
    long = fold(replace(given.seeded(), gamma_day=0.966), replace(event, elapsed_s=14 * 86_400.0), 7)

    expected = 0.4 + 0.1 * (0.966**14 * 0.4 - 0.4)
    assert long.row("new:neutral", "warm_follow_up").q == pytest.approx(expected)


def test_d7_more_of_a_closed_decision_moves_its_value_by_the_rate_of_its_visits() -> None:
    late = transition(reward=0.3, kind="late", next_actions=())

    after = fold(replace(given.seeded(), alpha_power=0.7), late, 7)

    row = after.row("new:neutral", "warm_follow_up")
    assert row.q == pytest.approx(0.4 + 1.0 * 0.3)
    assert row.visits == 0


def test_d5_an_event_that_no_decision_preceded_teaches_nothing() -> None:
    after = fold(given.seeded(), transition(action=None, decision_id=None), 7)

    assert after.rows == given.seeded().rows
    assert after.version == 7


def test_l2_an_unknown_pair_is_worth_nothing() -> None:
    assert given.seeded().row("new:neutral", "stop") == UNKNOWN


def test_a_second_creation_changes_nothing_but_the_version() -> None:
    learned = fold(given.seeded(), transition(), 7)

    assert fold(learned, given.TABLE, 8) == replace(learned, version=8)


def test_the_fold_leaves_its_argument_alone() -> None:
    before = given.seeded()

    fold(before, transition(), 7)

    assert before == given.seeded()


def test_a_commit_written_and_read_back_is_the_same_table() -> None:
    before = given.seeded()
    after = fold(fold(before, transition(), 7), transition(from_state="trial:neutral"), 8)

    rows = [(row_key("default", state, action), row) for state, action, row in changed(before, after)]
    marker = Marker(after.version, before.version, len(rows), after.alpha, after.gamma)

    assert len(rows) == 2
    assert with_rows(before, rows, marker, "default") == after
    everything = [
        (row_key("default", state, action), row) for state, action, row in changed(NO_VALUES, after)
    ]
    assert with_rows(NO_VALUES, everything, marker, "default") == after
