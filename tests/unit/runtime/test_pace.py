"""A loop commits at once after a quiet time, each interval when busy, and less often when commits take long."""

from runtime.pace import LONGEST, Pace


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


def test_a_commit_that_stood_still_for_a_minute_does_not_put_the_next_off_for_three() -> None:
    pace = Pace(0.1)
    pace.committed(began=100.0, ended=160.0)

    assert pace.wait(160.0) == LONGEST


def test_an_interval_that_is_longer_than_that_is_kept() -> None:
    pace = Pace(5.0)
    pace.committed(began=100.0, ended=160.0)

    assert pace.wait(160.0) == 5.0
