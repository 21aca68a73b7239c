"""The pauses between the starts of a child that crashes."""

from hypothesis import given
from hypothesis import strategies as st

from infra.local.pace import Pace, pause

PACE = Pace(first_pause=0.25, longest_pause=30.0)


def test_pauses_double_up_to_the_longest() -> None:
    assert [pause(crashes, PACE) for crashes in (1, 2, 3, 7, 8, 9)] == [0.25, 0.5, 1.0, 16.0, 30.0, 30.0]


@given(st.integers(1, 10**9))
def test_a_pause_never_shrinks_and_stays_within_bounds(crashes: int) -> None:
    assert PACE.first_pause <= pause(crashes, PACE) <= pause(crashes + 1, PACE) <= PACE.longest_pause


def test_stopping_leaves_the_foundation_its_share_of_ten_seconds() -> None:
    pace = Pace()
    assert 0 < pace.stop_foundation < pace.stop < 10
