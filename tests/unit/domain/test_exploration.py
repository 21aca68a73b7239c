"""P3 and P4: draws among plausible actions with exact probabilities, and arms by hash."""

from collections import Counter

import pytest
from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.actions import ACTIONS, STOP
from domain.chance import draw, pick
from domain.experiments import assigned
from domain.exploration import drawn, plausible
from domain.parameters import Arm, Experiment, Exploration
from domain.q_learning import UNKNOWN, Row

HOW = Exploration(seed="academy", rate=0.1, width=0.5, unseeded=0.1)


def row(q: float, visits: int = 0, seeded: int = 0) -> Row:
    return Row(q, visits, seeded, 0.0, 1)


def test_p3_a_draw_is_a_hash() -> None:
    assert draw("a", "explore", "1") == draw("a", "explore", "1")
    assert len({draw("a", "explore", "1"), draw("b", "explore", "1"), draw("a", "action", "1")}) == 3
    assert {pick("a", "action", str(number), 3) for number in range(100)} == {0, 1, 2}


def test_p3_what_cannot_be_the_best_is_not_plausible() -> None:
    rows = {
        "wait": row(0.5, 100),
        "info_send": row(0.4, 25),
        "gentle_nudge": row(0.0, 25),
        "stop": row(9.0, 9),
    }

    known, unknown = plausible(list(rows), rows, 0.5)

    assert known == ["wait", "info_send"]  # 0.4 + 0.1 reaches 0.5 - 0.05, 0.0 + 0.1 does not
    assert unknown == []


def test_p3_seeds_count_as_visits_and_the_unknown_is_apart() -> None:
    rows = {"wait": row(0.4, 0, 20), "info_send": UNKNOWN}

    assert plausible(list(rows), rows, 0.5) == (["wait"], ["info_send"])


def test_p3_the_unknown_joins_in_a_share_of_the_draws() -> None:
    rows = {"wait": row(0.4, 0, 20), "info_send": UNKNOWN}

    chances = drawn("wait", list(rows), rows, HOW, "1").probabilities

    assert chances["info_send"] == pytest.approx(0.1 * 0.1 / 2)
    assert sum(chances.values()) == pytest.approx(1.0)


def test_p3_as_often_as_is_said() -> None:
    rows = {"wait": row(0.5, 100), "info_send": row(0.45, 25), "gentle_nudge": UNKNOWN}
    many = 20_000

    draws = [drawn("wait", list(rows), rows, HOW, str(number)) for number in range(many)]

    counted = Counter(one.action for one in draws)
    for action, chance in draws[0].probabilities.items():
        assert counted[action] / many == pytest.approx(chance, abs=0.006)
    assert sum(one.explored for one in draws) / many == pytest.approx(0.1, abs=0.006)


def test_p2_without_a_rate_the_id_plays_no_role() -> None:
    rows = {"wait": row(0.5, 100), "info_send": row(0.5, 100)}
    still = Exploration("academy", 0.0, 0.5, 0.1)

    assert {drawn("wait", list(rows), rows, still, str(number)).action for number in range(50)} == {"wait"}


@such_that(
    st.dictionaries(
        st.sampled_from([*ACTIONS]),
        st.builds(row, st.floats(-2, 2), st.integers(0, 50), st.integers(0, 20)),
        min_size=1,
    ),
    st.floats(0, 1),
    st.floats(0, 1),
    st.uuids(),
)
def test_p3_probabilities_sum_to_one_and_stop_is_never_drawn(
    rows: dict[str, Row], rate: float, unseeded: float, decision: object
) -> None:
    greedy = max(rows, key=lambda name: rows[name].q)

    found = drawn(greedy, list(rows), rows, Exploration("s", rate, 0.5, unseeded), str(decision))

    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert all(chance >= 0.0 for chance in found.probabilities.values())
    assert found.probabilities[found.action] > 0.0
    assert not (found.explored and found.action == STOP)
    if greedy != STOP:
        assert found.probabilities.get(STOP, 0.0) == 0.0


def test_p4_an_arm_is_fixed_and_as_large_as_its_weight() -> None:
    trial = Experiment("spring", "salt", (Arm("ucb", 3.0), Arm("rules", 1.0)))

    arms = Counter(assigned(trial, f"fam-{number}").policy_id for number in range(8_000))

    assert assigned(trial, "fam-7") == assigned(trial, "fam-7")
    assert arms["rules"] / 8_000 == pytest.approx(0.25, abs=0.02)
    assert assigned(trial, "fam-7").weight in (0.75, 0.25)


def test_p4_another_salt_deals_anew() -> None:
    one = Experiment("a", "one", (Arm("ucb", 1.0), Arm("rules", 1.0)))
    other = Experiment("b", "other", (Arm("ucb", 1.0), Arm("rules", 1.0)))
    leads = [f"fam-{number}" for number in range(400)]

    same = sum(assigned(one, lead).policy_id == assigned(other, lead).policy_id for lead in leads)

    assert 140 < same < 260
