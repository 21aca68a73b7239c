"""One partition: committed states, the open batch, wakes in their place, dead letters, and time."""

from typing import Any

import pytest

from domain.events import Tick
from domain.states import Lead
from runtime.errors import Misconfigured, NotReady
from runtime.shelf import shelf_of
from runtime.state import Partition
from runtime.transform import Message
from schemas.codec import decode, encode
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given
from tests.unit.runtime.diary import Diary, Log, answers, position, said

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def partition() -> Partition[Lead]:
    return Partition(Diary().transform(), 0)


def changed(partition: Partition[Any]) -> dict[str, Any]:
    """The open batch's changelog, decoded."""
    return {
        (emit.key or b"").decode(): None if emit.value is None else decode(emit.topic, emit.value)
        for emit in partition.changes()
    }


def test_a_fold_makes_the_batch_the_committed_state(log: Log, partition: Partition[Lead]) -> None:
    partition.take(log.contact())
    assert (partition.count, partition.uncommitted, partition.next_offset) == (0, True, 1)

    partition.fold()

    assert (partition.count, partition.uncommitted, partition.next_offset) == (1, False, 1)
    assert (partition.emits, partition.ready.size) == ([], 0)
    assert set(changed(partition)) == {POSITION_KEY}


def test_what_could_not_be_committed_stays_ready_and_is_written_with_what_follows(
    log: Log, partition: Partition[Lead]
) -> None:
    together = Partition(Diary().transform(), 0)
    messages = [
        log.contact("fam-1", due=given.later(hours=1)),
        log.tick(hours=2),
        log.unwanted(),
        log.contact("fam-2"),
    ]
    for message in messages:
        together.take(message)
    for message in messages[:2]:
        partition.take(message)
    assert partition.count == 0
    first = [*partition.emits, *partition.changes()]  # a commit that is aborted

    for message in messages[2:]:
        partition.take(message)

    assert first
    assert (partition.emits, changed(partition)) == (together.emits, changed(together))
    assert partition.ready.offsets == {"interactions": 4}


def test_a_message_that_was_handled_before_stops_the_service(log: Log, partition: Partition[Lead]) -> None:
    """Nothing is read twice: the topic is another one, and what it holds would be passed over in silence."""
    message = log.contact()
    partition.take(message)
    partition.fold()

    with pytest.raises(Misconfigured, match="interactions/0: offset 0 came where 1 was next"):
        partition.take(message)

    assert (partition.emits, partition.uncommitted) == ([], False)


def test_a_state_that_ends_is_a_tombstone_of_its_own_kind(log: Log) -> None:
    diary = Diary()
    transform = diary.transform()
    shelf = shelf_of(transform)
    shelf.restore("fam-1", encode("leads", Lead("fam-1")), [])
    partition = Partition(transform, 0, shelf=shelf)

    partition._open.written["fam-1"] = None

    assert changed(partition)["fam-1"] is None
    partition.fold()
    assert partition.get("fam-1") is None


@pytest.mark.parametrize("minutes", [0, -1])
def test_a_tick_that_is_not_later_is_dropped_but_passed(
    log: Log, partition: Partition[Lead], minutes: int
) -> None:
    partition.take(log.tick(hours=1))
    partition.fold()

    partition.take(log.tick(hours=1, minutes=minutes))

    assert answers(partition) == []
    assert (partition.next_offset, partition.uncommitted) == (2, True)
    assert position(partition) == Position(given.later(hours=1), given.later(hours=1), 0, next_offset=2)


def test_a_clock_ahead_of_the_brokers_moves_no_time_and_wakes_nobody(
    log: Log, partition: Partition[Lead]
) -> None:
    partition.take(log.contact(due=given.later(hours=1)))
    tick = encode("interactions", Tick(given.later(days=5)))
    partition.take(log.add(b"!tick", tick, appended=given.later(minutes=1)))
    partition.take(log.contact("fam-2", given.later(days=5), appended=given.later(minutes=2)))

    partition.wake(9)

    assert [said(emit)[1:] for emit in partition.emits] == [
        ("interaction-0", 0, given.NOON),
        ("tick", 1, given.later(minutes=1)),
        ("interaction-2", 2, given.later(minutes=2)),
    ]
    assert partition.position.time == given.later(minutes=2)


def test_the_partitions_own_record_has_its_time_its_tick_and_the_tables_it_saw(log: Log) -> None:
    versions = {"default": 3}
    partition = Partition(
        Diary().transform(), 0, lambda: versions, position=Position(given.NOON, given.NOON, 4, {"old": 1})
    )
    partition.take(log.tick(hours=1))
    partition.take(log.contact(at=given.later(hours=2)))

    assert position(partition) == Position(
        given.later(hours=2), given.later(hours=1), 0, {"old": 1, "default": 3}, 2
    )


def dead(log: Log, message: Message) -> tuple[bool, Any]:
    partition = Partition(Diary().transform(), 7)
    fine = partition.take(message)
    (emit,) = partition.emits
    return fine, emit


def test_a_dead_letter_keeps_key_bytes_and_headers_and_says_from_where_and_why(log: Log) -> None:
    fine, letter = dead(log, log.add(b"\xff", b"\x00bad", headers=[("traceparent", b"00-1")], partition=7))

    assert not fine
    assert (letter.topic, letter.partition, letter.key, letter.value) == (
        "decider.dead",
        7,
        b"\xff",
        b"\x00bad",
    )
    assert letter.headers == [
        ("traceparent", b"00-1"),
        ("dead-topic", b"interactions"),
        ("dead-partition", b"7"),
        ("dead-offset", b"0"),
        ("dead-group", b"decider"),
        ("dead-class", b"Undecodable"),
        ("dead-reason", b"no Confluent frame in 4 bytes on interactions; expected 0x00 and an id"),
    ]


@pytest.mark.parametrize("data", [None, b""])
def test_a_missing_value_stays_apart_from_an_empty_one(log: Log, data: bytes | None) -> None:
    assert dead(log, log.add(b"fam-1", data))[1].value == data


def test_what_the_handler_rejects_is_a_dead_letter_with_its_reason(log: Log) -> None:
    fine, letter = dead(log, log.unwanted())

    assert not fine
    assert ("dead-class", b"Rejected") in letter.headers
    assert ("dead-reason", b"nobody wants it") in letter.headers


def test_a_trace_is_carried_from_a_record_to_its_answers(log: Log, partition: Partition[Lead]) -> None:
    partition.take(log.contact(headers=[("traceparent", TRACE), ("other", b"1")]))

    (emit,) = partition.emits
    assert ("traceparent", TRACE) in emit.headers
    assert "other" not in dict(emit.headers)


@pytest.mark.parametrize("trace", [b"Ada Example", b"", TRACE + b"0", TRACE.upper(), b"\xff" * 55])
def test_a_trace_that_is_none_is_not_passed_on(log: Log, partition: Partition[Lead], trace: bytes) -> None:
    partition.take(log.contact(headers=[("traceparent", trace)]))

    (emit,) = partition.emits
    assert "traceparent" not in dict(emit.headers)


def test_what_is_not_ready_leaves_the_message_to_be_taken_again(log: Log) -> None:
    diary = Diary()
    partition = Partition(diary.transform(), 0)
    message, diary.away = log.contact(), 1

    with pytest.raises(NotReady):
        partition.take(message)
    assert (partition.next_offset, partition.uncommitted, partition.emits) == (0, False, [])

    assert partition.take(message)
    assert answers(partition) == [("fam-1", "interaction-0", 0)]


def test_what_is_not_ready_leaves_a_tick_to_be_taken_again(log: Log) -> None:
    diary = Diary()
    partition = Partition(diary.transform(), 0)
    partition.take(log.contact(due=given.later(hours=1)))
    message, diary.away = log.tick(hours=2), 1

    with pytest.raises(NotReady):
        partition.take(message)
    partition.take(message)

    assert answers(partition)[-1] == ("!tick", "tick", 1)
    assert partition.overdue == 1


def test_what_is_not_ready_at_a_wake_leaves_wake_and_message(log: Log) -> None:
    diary = Diary()
    partition = Partition(diary.transform(), 0)
    partition.take(log.contact(due=given.later(hours=1)))
    partition.take(log.tick(hours=2))
    message, diary.away = log.contact(at=given.later(hours=3)), 1

    with pytest.raises(NotReady):
        partition.take(message)
    partition.take(message)

    assert [event for _key, event, _root in answers(partition)] == [
        "interaction-0",
        "tick",
        "wake",
        "interaction-2",
    ]
