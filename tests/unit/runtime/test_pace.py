"""A loop commits at once after a quiet time, each interval when busy, and less often when commits take long."""

from runtime.pace import Pace


def test_the_first_commit_waits_for_nothing() -> None:
    assert Pace(0.1).wait(1000.0) == 0.0


def test_a_quick_one_is_followed_after_the_interval() -> None:
    pace = Pace(0.1)
    pace.committed(10.0, 10.01)

    assert round(pace.wait(10.05), 6) == 0.06
    assert pace.wait(10.2) == 0.0


def test_a_slow_one_leaves_three_times_its_duration_to_the_work() -> None:
    pace = Pace(0.1)
    pace.committed(10.0, 10.2)

    assert round(pace.wait(10.2), 6) == 0.6
