"""The contract of everything that writes single events, against memory and against librdkafka's mock broker."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from runtime.errors import Misconfigured, NotReady
from runtime.outlet import Outgoing, Outlet, Unacknowledged, Writer, Written
from runtime.settings import Settings
from tests.unit.ingest.doubles import MemoryOutlet
from tests.unit.runtime.mock import mock_broker

TOPIC = "interactions"


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    with mock_broker() as address:
        yield address


@pytest.fixture
def outlet(bootstrap: str) -> Iterator[Outlet]:
    with Outlet(Settings(kafka=bootstrap)) as made:
        yield made


@pytest.fixture(params=["memory", "broker"])
def writer(request: pytest.FixtureRequest) -> Writer:
    if request.param == "memory":
        return MemoryOutlet(4)
    found: Outlet = request.getfixturevalue("outlet")
    return found


def test_a_record_is_answered_with_its_place(writer: Writer) -> None:
    async def run() -> list[Written]:
        return [await writer.send(TOPIC, "lead-ada", b"v", [("event-id", b"e")]) for _ in range(3)]

    first, second, third = asyncio.run(run())
    assert first.topic == TOPIC
    assert first.partition == second.partition == third.partition
    assert (second.offset, third.offset) == (first.offset + 1, first.offset + 2)


def test_a_partition_may_be_named(writer: Writer) -> None:
    async def run() -> list[int]:
        return [(await writer.send(TOPIC, "!tick", b"v", [], place)).partition for place in (3, 0, 1)]

    assert asyncio.run(run()) == [3, 0, 1]


def test_the_partition_count_is_told(writer: Writer) -> None:
    assert writer.partitions(TOPIC) == 4


def test_many_at_once_keep_their_order_per_key(writer: Writer) -> None:
    async def run() -> list[Written]:
        return await asyncio.gather(*(writer.send(TOPIC, "lead-1", str(n).encode(), []) for n in range(500)))

    offsets = [written.offset for written in asyncio.run(run())]
    assert offsets == list(range(offsets[0], offsets[0] + 500))


def test_key_value_and_headers_arrive(outlet: Outlet, bootstrap: str) -> None:
    written = outlet.write(TOPIC, "lead-ada", b"\x00value", [("event-type", b"interaction")]).result(10)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "g"})
    try:
        consumer.assign([TopicPartition(TOPIC, written.partition, written.offset)])
        message = consumer.poll(10)
        assert message is not None
        assert (message.key(), message.value()) == (b"lead-ada", b"\x00value")
        assert message.headers() == [("event-type", b"interaction")]
    finally:
        consumer.close()


def test_threads_write_beside_a_loop(outlet: Outlet) -> None:
    found: list[Written] = []

    def write() -> None:
        found.extend(outlet.write(TOPIC, f"k{n}", b"v", []).result(10) for n in range(20))

    thread = threading.Thread(target=write)
    thread.start()
    asyncio.run(outlet.send(TOPIC, "k", b"v", []))
    thread.join()
    assert len(found) == 20


def test_a_caller_that_went_away_disturbs_nobody(outlet: Outlet) -> None:
    async def run() -> Written:
        task = asyncio.create_task(outlet.send(TOPIC, "k", b"v", []))
        await asyncio.sleep(0)
        task.cancel()
        return await outlet.send(TOPIC, "k", b"v", [])

    assert asyncio.run(run()).topic == TOPIC
    asyncio.run(outlet.send(TOPIC, "k", b"v", []))


def test_without_a_broker_it_opens_and_says_that_it_is_away() -> None:
    with Outlet(Settings(kafka="127.0.0.1:1")) as outlet:
        with pytest.raises(NotReady, match="Kafka does not answer"):
            outlet.partitions(TOPIC)
        pending = outlet.write(TOPIC, "k", b"v", [])
        began = time.monotonic()
        outlet.close(0.1)
        with pytest.raises(Unacknowledged, match="not confirmed"):
            pending.result(0)
        assert time.monotonic() - began < 5


def test_without_an_address_it_is_refused() -> None:
    with pytest.raises(Misconfigured, match="ACADEMY_KAFKA is not set"):
        Outlet(Settings())


def test_a_closed_outlet_takes_nothing_more(bootstrap: str) -> None:
    outlet = Outlet(Settings(kafka=bootstrap))
    pending = outlet.write(TOPIC, "k", b"v", [])
    outlet.close()
    outlet.close()
    assert pending.result(0).topic == TOPIC
    with pytest.raises(Unacknowledged, match="stopping"):
        outlet.write(TOPIC, "k", b"v", [])


def test_a_record_that_kafka_cannot_take_is_unacknowledged(outlet: Outlet) -> None:
    with pytest.raises(Unacknowledged, match="MSG_SIZE_TOO_LARGE"):
        outlet.write(TOPIC, "k", b"v" * 2_000_000, [])
    outlet.partitions(TOPIC)
    with pytest.raises(Unacknowledged, match="PARTITION"):
        outlet.write(TOPIC, "k", b"v", [], 99).result(15)


class Full:
    """Injects what librdkafka raises when its queue is full."""

    def produce(self, *_: object, **__: object) -> None:
        raise BufferError

    def poll(self, seconds: float) -> int:
        time.sleep(seconds)
        return 0


def test_a_full_queue_is_unacknowledged(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(outlet, "_producer", Full())
        with pytest.raises(Unacknowledged, match="too many records"):
            outlet.write(TOPIC, "k", b"v", [])
    assert outlet.write(TOPIC, "k", b"v", []).result(10).topic == TOPIC


def test_a_fatal_error_brings_a_new_producer(outlet: Outlet) -> None:
    old = outlet._producer
    outlet._broken.set()
    deadline = time.monotonic() + 10
    while outlet._producer is old and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert outlet._producer is not old
    assert outlet.write(TOPIC, "k", b"v", []).result(10).topic == TOPIC


def many(count: int, key: str = "lead-1") -> list[Outgoing]:
    return [Outgoing(key, str(n).encode(), [("event-id", b"e")]) for n in range(count)]


def test_many_in_one_call_are_answered_in_order(writer: Writer) -> None:
    answers = asyncio.run(writer.send_all(TOPIC, many(500)))
    offsets = [answer.offset for answer in answers if isinstance(answer, Written)]
    assert offsets == list(range(offsets[0], offsets[0] + 500))
    assert asyncio.run(writer.send_all(TOPIC, [])) == []


def test_after_a_refusal_nothing_later_of_its_key_is_written(outlet: Outlet) -> None:
    large = Outgoing("lead-1", b"v" * 2_000_000, [])
    first, refused, later, other = asyncio.run(
        outlet.send_all(TOPIC, [*many(1), large, *many(1), *many(1, "lead-2")])
    )
    assert isinstance(first, Written)
    assert isinstance(refused, Unacknowledged)
    assert later == refused
    assert isinstance(other, Written)
