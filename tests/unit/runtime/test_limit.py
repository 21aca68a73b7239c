"""How many rejected records stop a service that reads our own topics, and slow one that reads others' words."""

from dataclasses import replace

import pytest

from runtime.dead_letters import Limit, Throttle, bound
from runtime.errors import DeadLetterLimit
from tests.unit.runtime.diary import Diary
from tests.unit.runtime.now import Now


def test_so_many_in_a_row_stop_the_service() -> None:
    limit = Limit(consecutive=3)
    for rejected in (True, True, False, True, True):
        limit.count(rejected=rejected)

    with pytest.raises(DeadLetterLimit, match="3 records in a row"):
        limit.count(rejected=True)


def test_a_share_of_the_window_stops_the_service() -> None:
    limit = Limit(consecutive=9, window=10, share=0.2)
    for ordinal in range(9):
        limit.count(rejected=ordinal % 3 == 0)

    with pytest.raises(DeadLetterLimit, match="3 of 10"):
        limit.count(rejected=False)


def test_the_share_itself_is_still_fine_and_windows_are_counted_apart() -> None:
    limit = Limit(consecutive=9, window=10, share=0.2)
    for ordinal in range(100):
        limit.count(rejected=ordinal % 5 == 0)


def test_by_default_ninety_nine_in_a_row_are_borne() -> None:
    limit = Limit()
    for _ in range(99):
        limit.count(rejected=True)

    with pytest.raises(DeadLetterLimit):
        limit.count(rejected=True)


def test_a_limit_stops_and_never_slows() -> None:
    limit = Limit()
    for _ in range(99):
        limit.count(rejected=True)

    assert (limit.pause(), limit.note) == (0.0, "")


def test_only_a_source_that_others_write_is_throttled() -> None:
    own = Diary().transform()

    assert isinstance(bound(own), Limit)
    assert isinstance(bound(replace(own, outside=True)), Throttle)


def rejecting(throttle: Throttle, count: int) -> float:
    for _ in range(count):
        throttle.count(rejected=True)
    return throttle.pause()


def test_a_burst_is_free_and_each_bad_record_after_it_costs_its_time() -> None:
    throttle = Throttle(burst=100, per_second=200, clock=Now())

    assert rejecting(throttle, 100) == 0.0
    assert rejecting(throttle, 500) == pytest.approx(2.5)


def test_any_number_is_borne_at_the_same_rate() -> None:
    now = Now()
    throttle, begun = Throttle(burst=100, per_second=200, clock=now), now.seconds
    for _ in range(20):
        now.seconds += rejecting(throttle, 500)

    assert now.seconds - begun == pytest.approx((20 * 500 - 100) / 200)


def test_good_records_cost_nothing() -> None:
    throttle = Throttle(clock=Now())
    for _ in range(100_000):
        throttle.count(rejected=False)

    assert throttle.pause() == 0.0


def test_quiet_fills_the_bucket_to_its_brim() -> None:
    now = Now()
    throttle = Throttle(burst=100, per_second=200, clock=now)
    now.seconds += rejecting(throttle, 300) + 3600

    assert rejecting(throttle, 100) == 0.0
    assert rejecting(throttle, 1) > 0


def test_it_says_so_while_it_slows() -> None:
    now = Now()
    throttle = Throttle(burst=100, per_second=200, clock=now)
    notes = [throttle.note]
    pause = rejecting(throttle, 101)
    notes.append(throttle.note)
    now.seconds += pause
    throttle.pause()
    notes.append(throttle.note)

    assert [bool(note) for note in notes] == [False, True, False]
    assert notes[1].startswith("; reading slowly")
