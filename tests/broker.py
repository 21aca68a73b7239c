"""Talks to a real broker as a test does: writes events, reads committed ones, runs a transform in a thread."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from runtime import clients
from runtime.driver import Written
from runtime.global_table import GlobalTable, end_offsets
from runtime.health import Health
from runtime.messages import END, message_of
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Message, Transform
from schemas.codec import decode, encode

PATIENCE = 30.0


def eventually(found: Callable[[], Any], what: str = "it", seconds: float = PATIENCE) -> Any:
    """The first true result of `found`; fails after a deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def write(
    settings: Settings, topic: str, *messages: tuple[bytes | None, bytes | None], partition: int = -1
) -> None:
    """Raw bytes onto a topic, acknowledged."""
    producer = clients.writer(settings)
    producer.list_topics(timeout=PATIENCE)
    for key, value in messages:
        producer.produce(settings.topic(topic), value, key, partition)
    assert producer.flush(PATIENCE) == 0


def send(settings: Settings, topic: str, key: str, *values: Any) -> None:
    """Events of one key onto a topic."""
    write(settings, topic, *((key.encode(), encode(topic, value)) for value in values))


def read(settings: Settings, topic: str) -> list[Message]:
    """Every committed message of a topic as it stands, in offset order by partition."""
    name = settings.topic(topic)
    ends = {number: end for number, end in end_offsets(settings, name).items() if end}
    reader = clients.reader(settings, wait_ms=20)
    try:
        reader.assign([TopicPartition(name, number, OFFSET_BEGINNING) for number in ends])
        return sorted(_until(reader, topic, ends), key=lambda message: (message.partition, message.offset))
    finally:
        reader.close()


def _until(reader: Any, topic: str, ends: dict[int, int]) -> Iterator[Message]:
    deadline = time.monotonic() + PATIENCE
    while ends:
        assert time.monotonic() < deadline, f"{topic} stands still short of {ends}"
        message = reader.poll(0.1)
        if message is None:
            continue
        if message.error() is None:
            yield message_of(message, topic)
        elif message.error().code() == END and message.offset() >= ends.get(message.partition(), 1 << 62):
            del ends[message.partition()]


def events(settings: Settings, topic: str) -> list[Written]:
    """Every committed event of a topic, decoded."""
    return [
        Written(
            topic,
            (message.key or b"").decode(),
            None if message.value is None else decode(topic, message.value),
        )
        for message in read(settings, topic)
    ]


@contextmanager
def running(
    transform: Transform[Any], settings: Settings, tables: Sequence[GlobalTable[Any]] = ()
) -> Iterator[Health]:
    """The transform on the real broker, in a thread, until the context ends; its failure is the test's."""
    stopping, health, failures = threading.Event(), Health(), []
    processor = Processor(transform, settings, health, Metrics(), tables)

    def run() -> None:
        try:
            processor.run(stopping)
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)

    thread = threading.Thread(target=run, name=transform.name)
    thread.start()
    try:
        eventually(lambda: health.readiness.ready or failures, f"{transform.name} ready")
        yield health
    finally:
        stopping.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        if failures:
            raise failures[0]
