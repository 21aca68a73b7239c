"""What a client has fetched and nobody has room for is kept, in its order; much of it pauses the client (rule 14)."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from runtime import clients
from runtime.errors import Fenced, Misconfigured
from runtime.settings import Settings
from runtime.source import BATCH, Source

TOPIC = "interactions"


class Fetched:
    """A message as the client gives it."""

    def __init__(self, offset: int, partition: int = 0) -> None:
        self._offset, self._partition = offset, partition

    def error(self) -> Any:
        return None

    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return self._partition

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return b"fam-1"

    value = key

    def headers(self) -> None:
        return None

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000 + self._offset


class Client:
    """A consumer with messages in its queue."""

    def __init__(self) -> None:
        self.queue: list[Fetched] = []
        self.paused = False

    def poll(self, _wait: float) -> Fetched | None:
        return self.queue.pop(0) if self.queue and not self.paused else None

    def consume(self, most: int, _wait: float) -> list[Fetched]:
        found, self.queue = self.queue[:most], self.queue[most:]
        return found

    def seek(self, _place: object) -> None:
        """Where it is said to begin."""

    def pause(self, _places: object) -> None:
        self.paused = True

    def resume(self, _places: object) -> None:
        self.paused = False

    def incremental_unassign(self, _places: object) -> None:
        """It gives back what it had."""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    made = Client()
    monkeypatch.setattr(clients, "member", lambda *_: made)
    return made


@pytest.fixture
def source(client: Client) -> Source:
    made = Source(Settings(), "extractor", TOPIC, _nothing, _nothing, _nothing)
    made.resume(0, 0)
    return made


def _nothing(*_numbers: Any) -> None:
    """Who owns the source does nothing."""


def offsets(source: Source, room: int) -> list[int]:
    return [message.offset for message in source.messages(0, room)]


class Gone(Fetched):
    """What the client says of a place that its partition's log has no more."""

    def error(self) -> Any:
        return KafkaError(KafkaError._AUTO_OFFSET_RESET, "offset 0 is not there")


def test_nothing_counts_of_a_partition_that_is_still_restored(source: Source, client: Client) -> None:
    """It is assigned at offset 0 until its own is known, and may be fetched there before it is paused."""
    client.queue = [Fetched(0), Fetched(0, partition=1), Gone(0, partition=1), Fetched(1)]
    assert offsets(source, BATCH) == [0, 1]
    source.resume(1, 7)
    client.queue = [Fetched(7, partition=1)]
    assert offsets(source, BATCH) == [7]


def test_a_place_that_is_gone_ends_the_service_once_it_is_awaited(source: Source, client: Client) -> None:
    client.queue = [Gone(0)]
    with pytest.raises(Misconfigured, match="cannot be read"):
        source.messages(0, BATCH)


class Replaced(Fetched):
    """What the client says of the member itself: of partition 0, as it does where it means none."""

    def error(self) -> Any:
        return KafkaError(KafkaError._FATAL, "Static consumer fenced by other consumer", fatal=True)


def test_a_member_that_was_fenced_ends_the_service_though_nothing_is_assigned(
    source: Source, client: Client
) -> None:
    source._on_lost(client, [TopicPartition(TOPIC, 0)])  # type: ignore[arg-type] # as far as it is one
    client.queue = [Replaced(-1001)]
    with pytest.raises(Fenced, match="fenced by other consumer"):
        source.messages(0, BATCH)


def test_messages_come_in_their_order_whatever_room_there_is(source: Source, client: Client) -> None:
    client.queue = [Fetched(offset) for offset in range(40)]
    given = [offset for room in (3, 0, 0, 5, 1, BATCH, BATCH) for offset in offsets(source, room)]
    assert given == list(range(40))


def test_no_more_than_there_is_room_for(source: Source, client: Client) -> None:
    client.queue = [Fetched(offset) for offset in range(40)]
    assert [len(offsets(source, room)) for room in (7, 0, 2, 0)] == [7, 0, 2, 0]


def test_much_that_is_kept_pauses_the_client_until_little_is_left(source: Source, client: Client) -> None:
    client.queue = [Fetched(offset) for offset in range(3 * BATCH)]
    for _turn in range(2 * BATCH + 10):
        assert offsets(source, 0) == []
    assert len(client.queue) == 3 * BATCH - 2 * BATCH - 1

    first = offsets(source, BATCH)
    assert (len(first), client.paused) == (BATCH, True)
    assert first == list(range(BATCH))
    assert offsets(source, 1) == [BATCH]
    assert [len(client.queue), client.paused] == [BATCH - 1, False]


def test_what_was_kept_of_a_partition_that_is_gone_is_dropped(source: Source, client: Client) -> None:
    source.resume(1, 0)
    client.queue = [Fetched(0, 0), Fetched(0, 1), Fetched(1, 0)]
    for _turn in range(3):
        offsets(source, 0)
    given: Any = client
    source._on_lost(given, [TopicPartition(TOPIC, 0)])
    assert [(message.partition, message.offset) for message in source.messages(0)] == [(1, 0)]
