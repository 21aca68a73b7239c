"""State comes back whole: past open and aborted transactions, and never behind the table it has used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from domain.q_learning import Marker
from domain.threads import Thread, remember
from domain.vocabulary import Verdict
from learner.service import build as build_learner
from runtime import clients
from runtime.errors import RuntimeFault
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import decode, encode
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given
from tests.broker import events, eventually, read, write
from tests.integration.runtime.answers import committed
from tests.integration.runtime.loops import Loop, processing

NEGATIVE_SECONDS = 1.5
"""How long something is watched not to happen; a whole restore takes a tenth of it."""

KNOWN = given.recorded_lead()
THREAD = Thread(remember(b"", KNOWN.event_id, KNOWN.body_hash))


@contextmanager
def orphan(settings: Settings) -> Iterator[Producer]:
    """An open transaction of another copy, which has written the thread of a lead to the changelog."""
    producer = clients.transactional(settings.model_copy(update={"slot": 7}), "extractor")
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(settings.topic("threads"), encode("threads", THREAD), KNOWN.lead_id, 0)
    assert producer.flush(10) == 0
    try:
        yield producer
    finally:
        producer.close()


def does_not_serve(loop: Loop, partitions: int) -> None:
    with pytest.raises(AssertionError, match="did not happen"):
        eventually(lambda: loop.serves(partitions), "serving", NEGATIVE_SECONDS)


def answer(settings: Settings) -> Any:
    """What the extractor says to the lead's record."""
    write(settings, "interactions", (KNOWN.lead_id.encode(), encode("interactions", KNOWN)), partition=0)
    return eventually(lambda: events(settings, "enriched"), "the answer")[0].value


def test_an_open_transaction_at_the_end_is_waited_for_and_what_it_commits_is_restored(
    settings: Settings,
) -> None:
    with orphan(settings) as producer, processing(settings, partitions=None) as loop:
        does_not_serve(loop, 2)

        producer.commit_transaction(10)

        loop.await_partitions(2)
        assert answer(settings).verdict is Verdict.DUPLICATE


def test_a_tail_of_markers_alone_ends_the_restore(settings: Settings) -> None:
    with orphan(settings) as producer:
        producer.abort_transaction(10)
        with processing(settings):
            assert answer(settings).cause_event_id == KNOWN.event_id


@pytest.mark.parametrize("offset", [7, 0], ids=["behind the end", "before the beginning"])
def test_a_committed_offset_outside_the_log_stops_the_service(settings: Settings, offset: int) -> None:
    """Rule 12: the topic was made anew or cut; silently going on would skip or lose inputs."""
    place = TopicPartition(settings.topic("interactions"), 0, offset)
    admin = clients.admin(settings)
    if offset == 0:
        write(settings, "interactions", *((b"fam-1", b"gone") for _ in range(3)), partition=0)
        cut = TopicPartition(place.topic, 0, 2)
        for future in admin.delete_records([cut]).values():
            future.result(10)
    eventually(lambda: committed(settings, place), "the offset is committed")

    with processing(settings, partitions=None) as loop:
        write(settings, "interactions", (b"fam-1", encode("interactions", KNOWN)), partition=0)
        assert isinstance(loop.ended(30), RuntimeFault)


@contextmanager
def deciding(settings: Settings, partitions: int | None) -> Iterator[Loop]:
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    transform = build_decider(lambda: learned(values.view, policies.view))
    with processing(settings, transform, (values, policies), partitions) as loop:
        yield loop


def test_a_partition_waits_for_the_table_version_that_it_has_used(configured: Settings) -> None:
    with processing(configured, build_learner()):
        ((partition, marker),) = eventually(lambda: markers(configured), "the seeded table")
    ahead = Position(given.NOON, given.NOON, 0, {"default": marker.version + 5})
    write(configured, "leads", (POSITION_KEY.encode(), encode("leads", ahead)), partition=0)

    with deciding(configured, None) as loop:
        eventually(lambda: loop.health.readiness.detail == "1 partitions", "the other partition starts")
        does_not_serve(loop, 2)

        newer = Marker(marker.version + 5, marker.version, 0, marker.alpha, marker.gamma)
        write(configured, "q-table", (b"default", encode("q-table", newer)), partition=partition)

        loop.await_partitions(2)
        write(configured, "enriched", (b"fam-1", encode("enriched", given.lead())), partition=0)
        (decision,) = eventually(lambda: events(configured, "decisions"), "the decision")
        assert decision.value.table_version == newer.version


def test_a_message_that_came_before_its_table_is_answered_once_the_table_is_there(
    configured: Settings,
) -> None:
    with deciding(configured, 2):
        write(configured, "enriched", (b"fam-1", encode("enriched", given.lead())), partition=0)
        with processing(configured, build_learner()):
            (decision,) = eventually(lambda: events(configured, "decisions"), "the decision")
    assert decision.value.table_version == 0


def markers(settings: Settings) -> list[tuple[int, Marker]]:
    """By partition, the markers on `q-table`."""
    found = [
        (message.partition, decode("q-table", message.value or b"")) for message in read(settings, "q-table")
    ]
    return [(number, value) for number, value in found if isinstance(value, Marker)]
