"""Feeds `interactions` and holds the answers on `enriched` to it: each input once, in order, none lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from domain.events import TickEnriched
from domain.vocabulary import Verdict
from runtime import clients
from runtime.settings import Settings
from schemas.codec import decode, encode
from tests import given
from tests.broker import eventually, read

LEADS = 25
PAUSE_SECONDS = 0.05
"""Between two chunks of a steady load: 400 events a second."""


class Feed:
    """Writes calls of some leads, each with an id of its own; the key places them."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._producer = settings, clients.writer(settings)
        self._count = 0

    def write(self, count: int) -> None:
        for ordinal in range(self._count, self._count + count):
            event = given.recorded(given.later(seconds=ordinal), ordinal, lead_id=f"fam-{ordinal % LEADS}")
            self._producer.produce(
                self._settings.topic("interactions"), encode("interactions", event), event.lead_id
            )
        self._count += count
        assert self._producer.flush(30) == 0

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Twenty events every moment, for as long as the context lasts."""
        over = threading.Event()

        def run() -> None:
            while not over.wait(PAUSE_SECONDS):
                self.write(20)

        thread = threading.Thread(target=run, name="feed")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def answered(settings: Settings) -> dict[int, list[tuple[int, str, str]]]:
    """By partition, in the log's order: the root offset, the lead and the cause of each committed answer."""
    found: dict[int, list[tuple[int, str, str]]] = {0: [], 1: []}
    for message in read(settings, "enriched"):
        value = decode("enriched", message.value or b"")
        assert not isinstance(value, TickEnriched)
        assert getattr(value, "verdict", None) is not Verdict.DUPLICATE, "taken twice, and known as a repeat"
        found[message.partition].append((value.root_offset, value.lead_id, value.cause_event_id))
    return found


def asked(settings: Settings) -> dict[int, list[tuple[int, str, str]]]:
    """The same of the inputs: what `answered` must be in the end."""
    found: dict[int, list[tuple[int, str, str]]] = {0: [], 1: []}
    for message in read(settings, "interactions"):
        value = decode("interactions", message.value or b"")
        found[message.partition].append((message.offset, value.lead_id, value.event_id))
    return found


def count(settings: Settings) -> int:
    """How many answers are committed."""
    return sum(len(each) for each in answered(settings).values())


def assert_each_answered_once_in_order(settings: Settings) -> None:
    """Waits for the last answer, then compares whole sequences."""
    inputs = asked(settings)
    wanted = sum(len(each) for each in inputs.values())
    assert wanted > 0
    eventually(lambda: count(settings) >= wanted, f"{wanted} answers")
    assert answered(settings) == inputs


def committed(settings: Settings, place: TopicPartition) -> bool:
    """Whether the extractor's group has this offset now; a broker that has just started may not take it at once."""
    group = ConsumerGroupTopicPartitions(settings.topic("extractor"), [place])
    try:
        admin = clients.admin(settings)
        futures = admin.alter_consumer_group_offsets([group])
        (answer,) = [future.result(10) for future in futures.values()]
    except (KafkaException, TimeoutError):
        return False
    return all(each.error is None for each in answer.topic_partitions)
