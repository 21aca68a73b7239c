"""What a transaction does when a call fails: abort and say so, give way, or leave the outcome to the restart."""

import logging
import os
import time
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from runtime import transaction
from runtime.doubts import Doubts
from runtime.errors import Fenced, InDoubt, NotReady
from runtime.settings import Settings
from runtime.transaction import IN_VAIN, Aborted, Transactions, Watchdog
from runtime.transform import Emit
from tests.broker import eventually

EMIT = Emit("enriched", 1, b"fam-1", b"data", [("event-type", b"lead")])


def failure(*, fatal: bool = False, retriable: bool = False, abortable: bool = False) -> KafkaException:
    return KafkaException(KafkaError(KafkaError._TIMED_OUT, "so it was", fatal, retriable, abortable))


class Failing:
    """A producer that keeps the names of its calls and fails the ones it was told to, in turn."""

    def __init__(self, **failures: Iterable[Exception]) -> None:
        self.calls: list[str] = []
        self._failures = {name: iter(each) for name, each in failures.items()}

    def fail(self, name: str) -> None:
        """The next such call must be aborted."""
        self._failures[name] = iter([failure(abortable=True)])

    def _called(self, name: str) -> None:
        self.calls.append(name)
        failed = next(self._failures.get(name, iter(())), None)
        if failed is not None:
            raise failed

    def init_transactions(self, _timeout: float) -> None:
        self._called("init")

    def begin_transaction(self) -> None:
        self._called("begin")

    def produce(self, topic: str, *_given: object, **_headers: object) -> None:
        self._called("produce")

    def poll(self, _timeout: float) -> None:
        self._called("poll")

    def send_offsets_to_transaction(self, *_given: object) -> None:
        self._called("send_offsets")

    def commit_transaction(self, _timeout: float) -> None:
        self._called("commit")

    def abort_transaction(self, _timeout: float) -> None:
        self._called("abort")

    def close(self) -> None:
        self._called("close")


class Member:
    """A consumer in as far as a transaction asks it; `at` is its group's committed offset."""

    def __init__(self, at: int = 0) -> None:
        self._at = at

    def consumer_group_metadata(self) -> bytes:
        return b"generation 1"

    def committed(self, places: list[TopicPartition], _timeout: float) -> list[TopicPartition]:
        return [TopicPartition(place.topic, place.partition, self._at) for place in places]


def started(*producers: Failing) -> Transactions:
    """A slot whose first producer is the first, and so on."""
    given: Any = iter(producers)
    transactions = Transactions(
        lambda _doubts: next(given), "t-decider-0", Settings(topic_prefix="t-"), Watchdog()
    )
    transactions.start()
    for producer in producers:
        producer.calls.clear()
    return transactions


@pytest.fixture
def commit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Failing], None]:
    """Commits one message through a producer; calls have 200 ms."""
    monkeypatch.setattr(transaction, "CALL_SECONDS", 0.2)

    def run(producer: Failing) -> None:
        member: Any = Member()
        started(producer).commit([EMIT], [], member)

    return run


def unexplained() -> KafkaException:
    """What producing says once the client has given up: that it did, and neither why nor that it is final."""
    return KafkaException(KafkaError(KafkaError._FATAL, "Unable to produce message: Local: Fatal error"))


def told_by_abort(code: int) -> KafkaException:
    return KafkaException(KafkaError(code, "so it was", True, False, False))


def test_who_was_fenced_while_it_produced_gives_way(commit: Callable[[Failing], None]) -> None:
    fenced = told_by_abort(KafkaError._FENCED)
    producer = Failing(produce=[unexplained()], abort=[fenced])
    with pytest.raises(Fenced, match="t-decider-0"):
        commit(producer)
    assert producer.calls == ["poll", "begin", "produce", "abort"]


def test_who_ended_what_was_not_begun_is_replaced_though_producing_told_of_it(
    commit: Callable[[Failing], None],
) -> None:
    ended = told_by_abort(KafkaError.INVALID_TXN_STATE)
    with pytest.raises(InDoubt):
        commit(Failing(produce=[unexplained()], abort=[ended]))


def test_the_calls_come_in_one_order(commit: Callable[[Failing], None]) -> None:
    producer = Failing()
    commit(producer)
    assert producer.calls == ["poll", "begin", "produce", "send_offsets", "commit"]


@pytest.mark.parametrize("call", ["produce", "send_offsets", "commit"])
def test_an_abortable_failure_is_aborted_and_told(commit: Callable[[Failing], None], call: str) -> None:
    producer = Failing(**{call: [failure(abortable=True)]})

    with pytest.raises(Aborted, match="so it was"):
        commit(producer)

    assert producer.calls[-2:] == [call, "abort"]


@pytest.mark.parametrize("call", ["begin", "produce", "send_offsets", "commit"])
def test_a_fatal_failure_means_that_another_copy_took_over(
    commit: Callable[[Failing], None], call: str
) -> None:
    producer = Failing(**{call: [failure(fatal=True)]})

    with pytest.raises(Fenced, match="another process took over the transactional id t-decider-0"):
        commit(producer)

    assert "abort" not in producer.calls


def test_any_other_failure_leaves_the_outcome_open(commit: Callable[[Failing], None]) -> None:
    producer = Failing(commit=[failure()])
    with pytest.raises(InDoubt):
        commit(producer)


def test_an_abort_that_fails_leaves_the_outcome_open(commit: Callable[[Failing], None]) -> None:
    producer = Failing(commit=[failure(abortable=True)], abort=[failure()])
    with pytest.raises(InDoubt, match="the abort failed"):
        commit(producer)


def test_an_abort_that_meets_a_newer_copy_gives_way(commit: Callable[[Failing], None]) -> None:
    producer = Failing(commit=[failure(abortable=True)], abort=[failure(fatal=True)])
    with pytest.raises(Fenced, match="another process took over the transactional id t-decider-0"):
        commit(producer)


@pytest.mark.parametrize(("row", "ends"), [(IN_VAIN - 1, False), (IN_VAIN, True)])
def test_what_fails_time_after_time_ends_the_process(row: int, *, ends: bool) -> None:
    """The same outputs are written again each time; one that goes well begins the count anew."""
    producer = Failing()
    member: Any = Member()
    transactions = started(producer)
    for _time in range(row - 1):
        producer.fail("commit")
        with pytest.raises(Aborted):
            transactions.commit([EMIT], [], member)
    producer.fail("commit")
    with pytest.raises(NotReady if ends else Aborted):
        transactions.commit([EMIT], [], member)
    if not ends:
        transactions.commit([EMIT], [], member)
        producer.fail("commit")
        with pytest.raises(Aborted):
            transactions.commit([EMIT], [], member)


def test_an_abort_of_what_the_broker_had_not_begun_is_in_doubt(commit: Callable[[Failing], None]) -> None:
    """Fatal for this producer alone: nobody took the slot."""
    unbegun = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, "not begun", True, False, False))
    producer = Failing(send_offsets=[failure(abortable=True)], abort=[unbegun])
    with pytest.raises(InDoubt, match="not begun"):
        commit(producer)


@pytest.mark.parametrize("call", ["send_offsets", "commit"])
def test_a_retriable_failure_repeats_the_same_call(commit: Callable[[Failing], None], call: str) -> None:
    producer = Failing(**{call: [failure(retriable=True), failure(retriable=True)]})
    commit(producer)
    assert producer.calls.count(call) == 3
    assert producer.calls.count("begin") == 1


def test_a_call_that_never_ends_well_is_in_doubt_at_its_deadline(commit: Callable[[Failing], None]) -> None:
    producer = Failing(commit=repeat(failure(retriable=True)))
    with pytest.raises(InDoubt, match="commit did not end within"):
        commit(producer)
    assert "abort" not in producer.calls


def test_a_retriable_failure_that_wants_an_abort_is_aborted(commit: Callable[[Failing], None]) -> None:
    producer = Failing(commit=[failure(retriable=True, abortable=True)])
    with pytest.raises(Aborted):
        commit(producer)


def test_a_full_local_queue_is_drained_and_the_message_produced_again(
    commit: Callable[[Failing], None],
) -> None:
    producer = Failing(produce=[BufferError(), BufferError()])
    commit(producer)
    assert producer.calls.count("produce") == 3
    assert producer.calls.count("poll") == 3


def test_a_local_queue_that_stays_full_is_in_doubt(commit: Callable[[Failing], None]) -> None:
    producer = Failing(produce=repeat(BufferError()))
    with pytest.raises(InDoubt, match="stayed full"):
        commit(producer)


def test_the_watchdog_ends_the_process_when_a_call_overruns(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    watchdog = Watchdog(seconds=0.1)

    with watchdog.watching("commit"):
        eventually(lambda: ended, "the watchdog ends the process", 3)

    assert set(ended) == {70}


def test_the_watchdog_lets_a_call_in_time_be(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    watchdog, until = Watchdog(seconds=30), time.monotonic() + 0.7

    while time.monotonic() < until:
        with watchdog.watching("commit"):
            pass

    assert ended == []


def test_6_a_repeated_request_retires_the_producer_before_the_next_begin() -> None:
    first, second = Failing(commit=[failure(retriable=True)]), Failing()
    transactions, member = started(first, second), Member()

    transactions.commit([EMIT], [], member)  # type: ignore[arg-type] # as far as a transaction asks it
    assert second.calls == []
    transactions.commit([EMIT], [], member)  # type: ignore[arg-type] # as far as a transaction asks it

    assert first.calls.count("begin") == 1
    assert second.calls == ["init", "begin", "produce", "send_offsets", "commit"]
    eventually(lambda: first.calls[-1] == "close", "the retired producer is closed", 3)


@pytest.mark.parametrize(
    ("line", "raised"),
    [
        (
            "REQTMOUT [academy-0#producer-1] [thrd:TxnCoordinator]: Timed out EndTxnRequest in flight",
            "REQTMOUT",
        ),
        ("FAIL [academy-0#producer-1] [thrd:TxnCoordinator]: 127.0.0.1:9092/1: Disconnected", "FAIL"),
        ("FAIL [academy-0#producer-1] [thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: Disconnected", None),
        ("GETPID [academy-0#producer-1] [thrd:main]: TxnCoordinator/1: load in progress", None),
    ],
)
def test_6_a_line_of_the_log_about_the_coordinator_raises_a_doubt(line: str, raised: str | None) -> None:
    doubts = Doubts()
    logger = logging.getLogger("kafka.of-a-test")
    logger.setLevel(logging.INFO)
    logger.addHandler(doubts)

    logger.info("%s", line)  # so the client says that a connection was closed

    assert doubts.raised == raised


def test_6_warnings_are_shown_and_what_only_raises_a_doubt_is_not(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("kafka.of-another-test")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(Doubts())

    logger.info("FAIL [thrd:TxnCoordinator]: Disconnected")
    logger.warning("GETPID [thrd:main]: retrying")

    assert [record.getMessage() for record in caplog.records] == ["GETPID [thrd:main]: retrying"]


@pytest.mark.parametrize(("at", "committed"), [(9, True), (4, False)])
def test_7_an_unknown_outcome_is_told_by_the_committed_offset(at: int, committed: bool) -> None:
    first, second = Failing(commit=[failure()]), Failing()
    transactions, member = started(first, second), Member(at)
    offsets = [TopicPartition("t-enriched", 1, 9)]
    with pytest.raises(InDoubt) as doubt:
        transactions.commit([EMIT], offsets, member)  # type: ignore[arg-type] # as far as a transaction asks it

    found = transactions.settled(doubt.value, offsets, member)  # type: ignore[arg-type] # the same

    assert found is committed
    assert second.calls == ["init"]
