"""One short transaction: outputs, changelog and offsets become visible together or not at all (rules 1, 2, 5)."""

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from runtime.clients import CALL_SECONDS
from runtime.doubts import Doubts
from runtime.errors import Fenced, InDoubt, NotReady
from runtime.faults import passing
from runtime.settings import Settings
from runtime.transform import Emit

log = structlog.get_logger()

PARTITION_UA = -1
"""The client's number for: the key decides."""

OVERRUN_SECONDS = 2 * CALL_SECONDS
"""A call that lasts longer than its own deadline by this much hangs in the client: the process ends."""


IN_VAIN = 10
"""So many transactions in a row may fail."""

SLOW_SECONDS = 5.0
"""A call that took so long was repeated by the client, whatever its log says (rule 6)."""


class Aborted(Exception):
    """The transaction was rolled back; everything that fed it has to be done again (rule 3)."""


class Watchdog:
    """Ends the process when a transactional call overruns its deadline (rule 5)."""

    def __init__(self, seconds: float = OVERRUN_SECONDS) -> None:
        self._seconds = seconds
        self._deadline: float | None = None
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def watching(self, call: str) -> Iterator[None]:
        """Bound one call."""
        self._call, self._deadline = call, time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._deadline = None

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                log.critical("transactional_call_overran", call=self._call, seconds=self._seconds)
                os._exit(70)


Make = Callable[[Doubts], Producer]
"""Builds the slot's producer, whose log the doubts hear."""


class Transactions:
    """The transactional producer of one slot; only ever used between two polls of its owner's thread.

    `name` is its transactional id.
    """

    def __init__(self, make: Make, name: str, settings: Settings, watchdog: Watchdog) -> None:
        self._make, self._name = make, name
        self._settings = settings
        self._watchdog = watchdog
        self._producer: Producer | None = None
        self._in_vain = 0

    def start(self) -> None:
        """Take the slot: fences an older copy and settles its open transaction (rule 9)."""
        self._doubts = Doubts()
        self._producer = self._make(self._doubts)
        self._call("init", self._producer.init_transactions)
        self._doubts.raised = None  # nothing was begun: a slow answer decides nothing

    def renew(self, why: str) -> None:
        """Another producer in place of one that may not go on: what it left open is settled with it (rules 6, 7)."""
        log.warning("producer_retired", why=why)
        retired = self._producer
        self.start()  # first: whatever the other still says is that of a fenced one
        threading.Thread(target=_closed, args=(retired,), name="retired", daemon=True).start()

    def commit(self, emits: Iterable[Emit], offsets: list[TopicPartition], consumer: Consumer) -> None:
        """Write everything in one transaction.

        Raises Aborted after a roll-back, Fenced where another copy took the slot, and InDoubt where the outcome
        is unknown until the slot is taken anew; NotReady where that happens time after time.
        """
        producer = self._trusted()
        try:
            passing("begin.before")
            self._call("begin", lambda _timeout: producer.begin_transaction())
            passing("begin.after")
            for emit in emits:
                self._produce(producer, emit)
            passing("produce.after")
            group = consumer.consumer_group_metadata()
            passing("offsets.before")
            self._call(
                "send_offsets",
                lambda timeout: producer.send_offsets_to_transaction(offsets, group, timeout),
            )
            passing("commit.before")
            self._call("commit", producer.commit_transaction)
            passing("commit.after")
        except KafkaException as wrong:
            self._settle(producer, wrong)
        else:
            self._in_vain = 0

    def settled(self, doubt: InDoubt, offsets: list[TopicPartition], consumer: Consumer) -> bool:
        """Whether a transaction of unknown outcome was committed: once the slot is taken anew, its offsets tell."""
        self.renew(str(doubt))
        places = [TopicPartition(place.topic, place.partition) for place in offsets]
        found = consumer.committed(places, CALL_SECONDS)
        at = {(place.topic, place.partition): place.offset for place in found}
        return all(at[place.topic, place.partition] == place.offset for place in offsets)

    def _trusted(self) -> Producer:
        """The producer, another one after any doubt: a late answer must not decide the next transaction (rule 6)."""
        assert self._producer is not None  # noqa: S101 - `start` comes first
        self._producer.poll(0)  # its log comes with its events
        if self._doubts.raised is not None:
            self.renew(self._doubts.raised)
        return self._producer

    def close(self) -> None:
        """Let go of the slot; whatever is open was aborted or is left to the next owner."""
        _closed(self._producer)

    def _produce(self, producer: Producer, emit: Emit) -> None:
        place = PARTITION_UA if emit.partition is None else emit.partition
        topic, headers = self._settings.topic(emit.topic), cast("Any", emit.headers)
        deadline = time.monotonic() + CALL_SECONDS
        while True:
            try:
                producer.produce(topic, emit.value, emit.key, place, headers=headers)
            except BufferError:
                if time.monotonic() > deadline:
                    raise InDoubt("the local queue stayed full") from None
                producer.poll(0.05)
            else:
                return

    def _call(self, name: str, call: Callable[[float], object]) -> None:
        """Repeat a retriable call until its deadline; what is still open then is in doubt."""
        began = time.monotonic()
        deadline = began + CALL_SECONDS
        with self._watchdog.watching(name):
            while True:
                try:
                    call(max(0.1, deadline - time.monotonic()))
                except KafkaException as wrong:
                    error = wrong.args[0]
                    if not error.retriable() or error.txn_requires_abort():
                        raise
                    self._doubts.raised = f"{name} again"
                    if time.monotonic() > deadline:
                        raise InDoubt(
                            f"{name} did not end within {CALL_SECONDS:.0f} s: {error.str()}"
                        ) from wrong
                    time.sleep(0.02)
                else:
                    break
        if time.monotonic() - began > SLOW_SECONDS:
            self._doubts.raised = f"{name} took long"

    def _count(self, wrong: KafkaException) -> None:
        """The same outputs are written again after a failure: what is refused for ever ends the process."""
        self._in_vain += 1
        if self._in_vain >= IN_VAIN:
            raise NotReady(
                f"{IN_VAIN} transactions in a row came to nothing, the last: {wrong.args[0].str()}"
            ) from wrong

    def _settle(self, producer: Producer, wrong: KafkaException) -> None:
        error = self._reason(producer, wrong.args[0])
        if _is_fatal(error):
            raise self._fenced(error) from wrong
        self._count(wrong)
        if not error.txn_requires_abort():
            raise InDoubt(error.str()) from wrong
        log.warning("transaction_aborted", error=error.name())
        try:
            self._call("abort", producer.abort_transaction)
        except KafkaException as again:
            failed = again.args[0]
            doubt = InDoubt(f"the abort failed: {failed.str()}")
            raise (self._fenced(failed) if _is_fatal(failed) else doubt) from again
        raise Aborted(error.str()) from wrong

    def _reason(self, producer: Producer, error: KafkaError) -> KafkaError:
        """What is behind an error: to produce after a fatal one says only that there was one, to abort says which."""
        if error.code() != KafkaError._FATAL:  # noqa: SLF001 - the client's own name for it
            return error
        try:
            self._call("abort", producer.abort_transaction)
        except KafkaException as told:
            return cast("KafkaError", told.args[0])
        return error

    def _fenced(self, error: KafkaError) -> Fenced:
        return Fenced(
            f"another process took over the transactional id {self._name}: {error.str()}; give each copy of a service "
            "its own ACADEMY_SLOT, and each system its own ACADEMY_TOPIC_PREFIX"
        )


def _is_fatal(error: KafkaError) -> bool:
    """Whether somebody else has the slot.

    The client also gives up where it ended what the broker had not begun yet: another producer goes on from there.
    """
    return error.fatal() and error.code() != KafkaError.INVALID_TXN_STATE


def _closed(producer: Producer | None) -> None:
    """A fatal error of it was told when it came; that it cannot abort any more is what is wanted."""
    if producer is not None:
        with suppress(KafkaException), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            producer.close()
