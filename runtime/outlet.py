"""Single events into Kafka from asyncio or threads, each answered only after the broker has it.

The client is synchronous: one thread polls it and hands all answers of a poll to the loop in one call.
"""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from runtime.clients import writer
from runtime.errors import NotReady, RuntimeFault
from runtime.settings import Settings

Headers = list[tuple[str, bytes]]
ANY = -1
"""The client's own number for a partition that it chooses by the key."""
POLL_S = 0.1
"""A poll without an answer ends after so long; an answer ends it at once."""
METADATA_S = 2.0
"""The broker's answer about a topic; a readiness probe waits for it."""


class Unacknowledged(RuntimeFault):
    """The broker has not confirmed the record: it may or may not be there, send it again with the same id."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where an acknowledged record stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record of many."""

    key: str
    value: bytes
    headers: Headers


class Writer(Protocol):
    """What ingest needs of Kafka; `Outlet` is the one over a broker."""

    async def send(
        self, topic: str, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> Written:
        """Write one record; raises Unacknowledged."""

    async def send_all(self, topic: str, records: Sequence[Outgoing]) -> "list[Written | Unacknowledged]":
        """Write records in order, and answer each by itself.

        After a record that is refused at once no later one of its key is written, so that order is kept per key.
        """

    def partitions(self, topic: str) -> int:
        """The topic's partition count; raises NotReady while no broker tells it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a delivery report said, and what to do with it."""

    settle: Callable[["Written | Unacknowledged"], None]
    loop: asyncio.AbstractEventLoop | None
    result: "Written | Unacknowledged"


class Outlet:
    """A producer with its thread; a context that flushes at its end. Opens while Kafka is away, too."""

    def __init__(self, settings: Settings, made: Callable[[Settings], Producer] = writer) -> None:
        self._open = partial(made, settings)
        self._producer: Producer = self._open()
        self._answers: deque[_Answer] = deque()
        self._closing = threading.Event()
        self._broken = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="outlet", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def send(
        self, topic: str, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> Written:
        """Write one record and wait for the broker's word; raises Unacknowledged."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Written] = loop.create_future()
        self._produce((topic, key, value, headers, partition), partial(_settle, waiting), loop)
        return await waiting

    async def send_all(self, topic: str, records: Sequence[Outgoing]) -> list[Written | Unacknowledged]:
        """The same for many with one wake-up; after a refusal at once no later record of its key is written."""
        loop = asyncio.get_running_loop()
        together = _Together(len(records), loop)
        refused: dict[str, Unacknowledged] = {}
        for place, one in enumerate(records):
            settle = partial(together.settle, place)
            if one.key not in refused:
                try:
                    self._produce((topic, one.key, one.value, one.headers, None), settle, loop)
                except Unacknowledged as reason:
                    refused[one.key] = reason
            if one.key in refused:
                settle(refused[one.key])
        return await together.all()

    def write(
        self, topic: str, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> "Future[Written]":
        """The same for threads: the future holds Written or raises Unacknowledged."""
        waiting: Future[Written] = Future()
        self._produce((topic, key, value, headers, partition), partial(_settle, waiting), None)
        return waiting

    def partitions(self, topic: str) -> int:
        """The topic's partition count; raises NotReady while no broker tells it. Waits: not for a loop."""
        try:
            found = self._producer.list_topics(topic, timeout=METADATA_S).topics[topic]
        except KafkaException as wrong:
            raise NotReady(f"Kafka does not answer ({wrong.args[0].name()})") from None
        if not found.partitions:
            raise NotReady(f"Kafka has no topic {topic} yet; run: academy topics apply")
        return len(found.partitions)

    def close(self, seconds: float = 10.0) -> None:
        """Flush for at most so long; what is unacknowledged then fails. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        self._producer.flush(seconds)
        self._give_up(self._producer)

    def _produce(
        self,
        record: tuple[str, str, bytes, Headers, int | None],
        settle: Callable[[Written | Unacknowledged], None],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        topic, key, value, headers, partition = record
        if self._closing.is_set():
            raise Unacknowledged("this process is stopping")

        def delivered(error: KafkaError | None, message: Message) -> None:
            """Runs inside a poll: store and return (runtime rule 4)."""
            self._answers.append(_Answer(settle, loop, _result(error, message)))

        place = ANY if partition is None else partition
        try:
            self._producer.produce(topic, value, key, place, on_delivery=delivered, headers=[*headers])
        except BufferError:
            raise Unacknowledged("too many records wait for Kafka") from None
        except KafkaException as wrong:
            if wrong.args[0].code() == KafkaError._FATAL:  # noqa: SLF001 -- the client's own name for it
                self._broken.set()
            raise Unacknowledged(f"Kafka refuses the record ({wrong.args[0].name()})") from None

    def _turn(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(POLL_S)
            self._hand_back()
            if self._broken.is_set():
                self._replace()

    def _replace(self) -> None:
        """A producer with a fatal error never writes again: what it held fails, a new one goes on."""
        old, self._producer = self._producer, self._open()
        self._broken.clear()
        self._give_up(old)

    def _give_up(self, producer: Producer) -> None:
        producer.purge()
        producer.flush(POLL_S)
        self._hand_back()

    def _hand_back(self) -> None:
        by_loop: dict[asyncio.AbstractEventLoop | None, list[_Answer]] = defaultdict(list)
        while self._answers:
            answer = self._answers.popleft()
            by_loop[answer.loop].append(answer)
        for loop, batch in by_loop.items():
            if loop is None:
                _settle_all(batch)
            else:
                with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                    loop.call_soon_threadsafe(_settle_all, batch)


class _Together:
    """Answers by place, all awaited at once; only ever used on its loop."""

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop) -> None:
        self._answers: dict[int, Written | Unacknowledged] = {}
        self._count = count
        self._full: asyncio.Future[None] = loop.create_future()

    def settle(self, place: int, answer: Written | Unacknowledged) -> None:
        self._answers[place] = answer
        if len(self._answers) == self._count and not self._full.done():
            self._full.set_result(None)

    async def all(self) -> list[Written | Unacknowledged]:
        if self._count:
            await self._full
        return [self._answers[place] for place in range(self._count)]


def _result(error: KafkaError | None, message: Message) -> Written | Unacknowledged:
    if error is not None:
        return Unacknowledged(f"Kafka has not confirmed the record ({error.name()})")
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        return Unacknowledged("Kafka has confirmed a record without its place")
    return Written(topic, partition, offset)


def _settle_all(batch: list[_Answer]) -> None:
    for answer in batch:
        answer.settle(answer.result)


def _settle(waiting: "asyncio.Future[Written] | Future[Written]", result: Written | Unacknowledged) -> None:
    """A caller that went away meanwhile is left alone."""
    if waiting.done():
        return
    if isinstance(result, Written):
        waiting.set_result(result)
    else:
        waiting.set_exception(result)
