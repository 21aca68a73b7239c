"""Due moments: what a tick releases, in which order, what a new moment voids, and how a partition wakes its keys."""

from datetime import datetime, timedelta

import pytest

from domain.states import Lead
from runtime.state import Partition
from runtime.transform import Wake
from runtime.wakes import Wakes
from tests.given import later
from tests.unit.runtime.diary import Diary, Log, answers, said


@pytest.fixture
def wakes() -> Wakes:
    return Wakes({})


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def partition() -> Partition[Lead]:
    return Partition(Diary().transform(), 0)


def drained(wakes: Wakes) -> list[tuple[str, datetime]]:
    return [(wake.key, wake.due) for wake in iter(wakes.next, None)]


def test_a_tick_releases_what_is_due_by_then_and_stamps_it(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.at("b", later(hours=2))
    wakes.at("c", later(hours=3))

    wakes.release(later(hours=2), 7)

    assert wakes.next() == Wake("a", later(hours=1), later(hours=2), 7)
    assert wakes.next() == Wake("b", later(hours=2), later(hours=2), 7)
    assert wakes.next() is None


def test_the_order_is_due_then_key_whatever_the_order_of_arrival(wakes: Wakes) -> None:
    for key, hours in (("c", 1), ("b", 2), ("a", 2), ("d", 0)):
        wakes.at(key, later(hours=hours))

    wakes.release(later(hours=5), 0)

    assert [key for key, _due in drained(wakes)] == ["d", "c", "a", "b"]


def test_a_later_tick_leaves_the_stamp_of_an_earlier_one(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.release(later(hours=2), 7)
    wakes.release(later(hours=4), 8)

    assert wakes.of("a") == Wake("a", later(hours=1), later(hours=2), 7)


def test_a_new_moment_voids_what_was_released_for_the_old_one(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.release(later(hours=2), 7)

    wakes.at("a", later(hours=9))

    assert wakes.of("a") is None
    wakes.release(later(hours=9), 8)
    assert wakes.of("a") == Wake("a", later(hours=9), later(hours=9), 8)


def test_a_key_without_a_moment_is_never_released(wakes: Wakes) -> None:
    wakes.at("a", None)
    wakes.release(later(days=9), 0)

    assert wakes.next() is None


def test_a_wake_taken_by_its_key_is_taken_once(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.at("b", later(hours=1))
    wakes.release(later(hours=1), 0)

    assert wakes.of("b") is not None
    assert wakes.of("b") is None
    assert drained(wakes) == [("a", later(hours=1))]


def test_a_moment_that_came_nearer_is_the_one_that_counts(wakes: Wakes) -> None:
    wakes.at("a", later(hours=9))
    wakes.at("a", later(hours=1))
    wakes.release(later(hours=9), 0)

    assert drained(wakes) == [("a", later(hours=1))]


def test_a_moment_that_was_put_off_is_the_one_that_counts(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.at("a", later(hours=2))
    wakes.release(later(hours=2), 0)

    assert drained(wakes) == [("a", later(hours=2))]


def test_a_wake_comes_before_its_own_leads_next_record_and_no_other(
    log: Log, partition: Partition[Lead]
) -> None:
    for lead_id in ("fam-1", "fam-2"):
        partition.take(log.contact(lead_id, due=later(hours=1)))
    partition.take(log.tick(hours=2))
    partition.fold()

    partition.take(log.contact("fam-2", later(hours=2)))

    assert answers(partition) == [("fam-2", "wake", 2), ("fam-2", "interaction-3", 3)]
    assert partition.overdue == 1


def test_wakes_come_by_due_then_key_and_in_slices(log: Log, partition: Partition[Lead]) -> None:
    for lead_id, hours in (("fam-3", 2), ("fam-2", 1), ("fam-1", 2), ("fam-4", 9)):
        partition.take(log.contact(lead_id, due=later(hours=hours)))
    partition.take(log.tick(hours=5))
    partition.fold()

    assert (partition.wake(2), partition.overdue) == (2, 1)
    assert (partition.wake(2), partition.overdue) == (1, 0)

    assert [key for key, _event, _root in answers(partition)] == ["fam-2", "fam-1", "fam-3"]


def test_a_wake_has_the_time_and_the_root_of_its_tick(log: Log, partition: Partition[Lead]) -> None:
    partition.take(log.contact(due=later(hours=1)))
    partition.take(log.tick(hours=2))
    partition.fold()

    partition.wake(1)

    assert said(partition.emits[0]) == ("fam-1", "wake", 1, later(hours=2))


def test_a_wake_whose_moment_was_moved_is_not_handled(log: Log, partition: Partition[Lead]) -> None:
    partition.take(log.contact(due=later(hours=1)))
    partition.take(log.contact(due=later(hours=9)))
    partition.take(log.tick(hours=2))
    partition.fold()

    partition.wake(9)

    assert answers(partition) == []


def test_a_moment_that_was_put_off_comes_even_when_one_tick_passes_both(
    log: Log, partition: Partition[Lead]
) -> None:
    partition.take(log.contact(due=later(hours=1)))
    partition.take(log.contact(due=later(hours=2)))
    partition.take(log.tick(hours=3))
    partition.fold()

    partition.wake(9)

    assert answers(partition) == [("fam-1", "wake", 2)]


def test_ticks_taken_in_one_batch_wake_as_ticks_taken_apart(log: Log) -> None:
    messages = [log.contact(due=later(hours=1)), log.tick(hours=2), log.tick(hours=4)]
    together, apart = (Partition(Diary(timedelta(hours=2)).transform(), 0) for _ in range(2))
    for message in messages:
        apart.take(message)
        apart.wake(9)
        together.take(message)
    together.wake(9)

    ours, theirs = (
        [said(emit) for emit in each.emits if b"fam" in (emit.key or b"")] for each in (together, apart)
    )
    assert ours == theirs


def test_a_wake_that_leaves_its_key_due_is_an_error(log: Log) -> None:
    partition = Partition(Diary(again=timedelta()).transform(), 0)
    partition.take(log.contact(due=later(hours=1)))
    partition.take(log.tick(hours=2))

    with pytest.raises(ValueError, match="left its key due"):
        partition.wake(1)


def test_a_state_counts_as_waiting_until_its_wake_is_taken_or_its_moment_goes(wakes: Wakes) -> None:
    wakes.at("a", later(hours=1))
    wakes.at("a", later(hours=2))
    wakes.at("b", later(hours=1))
    assert wakes.timed == 2
    wakes.release(later(hours=1), 7)
    assert wakes.timed == 2
    wakes.at("a", None)
    assert wakes.timed == 1
    assert wakes.next() is not None
    assert wakes.timed == 0
