"""One short transaction: outputs, changelog and offsets become visible together or not at all (rules 1, 2, 5)."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from runtime.clients import CALL_SECONDS
from runtime.errors import Fenced, InDoubt
from runtime.settings import Settings
from runtime.transform import Emit

log = structlog.get_logger()

PARTITION_UA = -1
"""The client's number for: the key decides."""

OVERRUN_SECONDS = 2 * CALL_SECONDS
"""A call that lasts longer than its own deadline by this much hangs in the client: the process ends."""


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


class Transactions:
    """The transactional producer of one slot; only ever used between two polls of its owner's thread."""

    def __init__(self, producer: Producer, settings: Settings, watchdog: Watchdog) -> None:
        self._producer = producer
        self._settings = settings
        self._watchdog = watchdog

    def start(self) -> None:
        """Take the slot: fences an older copy and settles its open transaction (rule 9)."""
        self._call("init", self._producer.init_transactions)

    def commit(self, emits: Iterable[Emit], offsets: list[TopicPartition], consumer: Consumer) -> None:
        """Write everything in one transaction.

        Raises Aborted after a roll-back, Fenced where another copy took the slot, and InDoubt where nobody
        can know the outcome: then only a restart settles it.
        """
        try:
            self._call("begin", lambda _timeout: self._producer.begin_transaction())
            for emit in emits:
                self._produce(emit)
            group = consumer.consumer_group_metadata()
            self._call(
                "send_offsets",
                lambda timeout: self._producer.send_offsets_to_transaction(offsets, group, timeout),
            )
            self._call("commit", self._producer.commit_transaction)
        except KafkaException as wrong:
            self._settle(wrong)

    def close(self) -> None:
        """Let go of the slot; whatever is open was aborted or is left to the next owner."""
        with suppress(KafkaException):  # a fatal error was told when it came
            self._producer.close()

    def _produce(self, emit: Emit) -> None:
        place = PARTITION_UA if emit.partition is None else emit.partition
        topic = self._settings.topic(emit.topic)
        deadline = time.monotonic() + CALL_SECONDS
        while True:
            try:
                self._producer.produce(topic, emit.value, emit.key, place, headers=list(emit.headers))
            except BufferError:
                if time.monotonic() > deadline:
                    raise InDoubt("the local queue stayed full") from None
                self._producer.poll(0.05)
            else:
                return

    def _call(self, name: str, call: Callable[[float], object]) -> None:
        """Repeat a retriable call until its deadline; what is still open then is in doubt."""
        deadline = time.monotonic() + CALL_SECONDS
        with self._watchdog.watching(name):
            while True:
                try:
                    call(max(0.1, deadline - time.monotonic()))
                except KafkaException as wrong:
                    error = wrong.args[0]
                    if not error.retriable() or error.txn_requires_abort():
                        raise
                    if time.monotonic() > deadline:
                        raise InDoubt(
                            f"{name} did not end within {CALL_SECONDS:.0f} s: {error.str()}"
                        ) from wrong
                    time.sleep(0.02)
                else:
                    return

    def _settle(self, wrong: KafkaException) -> None:
        error = wrong.args[0]
        if error.fatal():
            raise self._fenced(error) from wrong
        if not error.txn_requires_abort():
            raise InDoubt(error.str()) from wrong
        log.warning("transaction_aborted", error=error.name())
        try:
            self._call("abort", self._producer.abort_transaction)
        except KafkaException as again:
            failed = again.args[0]
            doubt = InDoubt(f"the abort failed: {failed.str()}")
            raise (self._fenced(failed) if failed.fatal() else doubt) from again
        raise Aborted(error.str()) from wrong

    def _fenced(self, error: KafkaError) -> Fenced:
        return Fenced(f"another copy of slot {self._settings.slot} took over: {error.str()}")
