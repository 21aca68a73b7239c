"""An aborted transaction: whatever fed it is read and answered again, whoever called the commit (rule 3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from extractor.service import build
from runtime import clients, processor, transaction
from runtime.settings import Settings
from tests.broker import eventually
from tests.integration.runtime.answers import Feed, assert_each_answered_once_in_order, count
from tests.integration.runtime.loops import processing
from tests.keyring import MemoryKeys


class Said:
    """A real producer whose nth sending of offsets says that the transaction must be aborted."""

    def __init__(self, producer: Any, failing: set[int]) -> None:
        self._producer, self._failing, self.sent = producer, failing, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def send_offsets_to_transaction(self, offsets: Any, group: Any, timeout: float) -> None:
        self.sent += 1
        if self.sent in self._failing:
            self.fail(offsets, timeout)
        self._producer.send_offsets_to_transaction(offsets, group, timeout)

    def fail(self, _offsets: Any, _timeout: float) -> None:
        raise KafkaException(KafkaError(KafkaError._STATE, "told to abort", False, False, True))


class Stranger(Said):
    """The same, but the broker itself says it: the offsets come from nobody that it knows."""

    def __init__(self, producer: Any, failing: set[int], member: Consumer) -> None:
        super().__init__(producer, failing)
        self._member = member

    def fail(self, offsets: Any, timeout: float) -> None:
        self._producer.send_offsets_to_transaction(offsets, self._member.consumer_group_metadata(), timeout)


@contextmanager
def stranger(settings: Settings) -> Iterator[Consumer]:
    """A consumer that names the group and never joined it."""
    consumer = clients.member(settings.model_copy(update={"slot": 99}), "extractor")
    try:
        yield consumer
    finally:
        consumer.close()


def inject(monkeypatch: pytest.MonkeyPatch, wrap: Any) -> None:
    real = clients.transactional
    monkeypatch.setattr(clients, "transactional", lambda *given: wrap(real(*given)))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits come in the middle of what one `consume` brought, with both partitions in it."""
    monkeypatch.setattr(processor, "BYTES", 5_000)


@pytest.mark.usefixtures("small")
def test_an_abort_in_the_middle_of_a_batch_is_done_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Feed(settings).write(600)
    inject(monkeypatch, lambda producer: Said(producer, {1, 3, 4}))

    with processing(settings) as loop:
        assert_each_answered_once_in_order(settings)

    assert loop.aborts() == 3


@pytest.mark.usefixtures("small")
def test_an_abort_that_the_broker_demands_is_done_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Feed(settings).write(600)
    with stranger(settings) as member:
        inject(monkeypatch, lambda producer: Stranger(producer, {2}, member))

        with processing(settings) as loop:
            assert_each_answered_once_in_order(settings)

    assert loop.aborts() == 1


def test_an_abort_while_a_partition_is_taken_away_is_done_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit in the callback fails: what stays with us is read again, what goes is the other's."""
    patient = replace(build(MemoryKeys()), commit_seconds=3)
    feed, real = Feed(settings), clients.transactional
    monkeypatch.setattr(clients, "transactional", lambda *given: Said(real(*given), {2}))
    with processing(settings, patient) as first:
        monkeypatch.setattr(clients, "transactional", real)
        feed.write(1)
        eventually(lambda: count(settings) == 1, "the first commit comes at once")
        feed.write(100)
        eventually(lambda: first.handled() == 101, "the second batch waits for its commit")
        with processing(settings.model_copy(update={"slot": 1}), partitions=1):
            first.await_partitions(1)
            assert first.aborts() == 1
            feed.write(20)
            eventually(lambda: count(settings) == 121, "every answer", 10)
            assert_each_answered_once_in_order(settings)


def test_what_failed_amid_a_commit_is_not_written_again_on_the_way_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving the group commits what is finished; a batch of unknown outcome may be on the log already."""

    def dies(point: str) -> None:
        if point == "commit.after":
            raise ZeroDivisionError

    Feed(settings).write(40)
    with monkeypatch.context() as broken:
        broken.setattr(transaction, "passing", dies)
        with processing(settings, partitions=None) as loop:
            assert isinstance(loop.ended(), ZeroDivisionError)

    with processing(settings):
        assert_each_answered_once_in_order(settings)
