"""What others did to our topics, groups and servers is told in a sentence that says where, and how to mend it."""

from typing import Any

import psycopg
import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined] # its stubs lack it
from psycopg import sql

from decider.tables import Q_TABLE
from domain.q_learning import Row, row_key
from domain.vocabulary import Verdict
from infra import topics
from projections.migrate import upgrade
from projections.service import build as build_views
from runtime import clients
from runtime.checks import await_kafka
from runtime.errors import Fenced, Misconfigured
from runtime.global_table import GlobalTable
from runtime.origin import agree, claim
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.broker import events, eventually, write
from tests.integration.runtime.answers import Feed, committed, count
from tests.integration.runtime.loops import Loop, processing, projecting

KNOWN = given.recorded_lead()


def told(settings: Settings) -> None:
    """The same family is told of each time."""
    write(settings, "interactions", (KNOWN.lead_id.encode(), encode("interactions", KNOWN)), partition=0)


def sentence(loop: Loop, kind: type[Exception] = Misconfigured) -> str:
    failure = loop.ended(60)
    assert isinstance(failure, kind), repr(failure)
    return str(failure)


def test_state_of_a_newer_release_is_not_read(settings: Settings) -> None:
    told(settings)
    write(settings, "threads", (b"fam-1", b"\x00\x00\x00\x27\x0f..."), partition=1)
    with processing(settings, partitions=None) as loop:
        said = sentence(loop)
    assert f"{settings.topic('threads')}/1 offset 0: schema id 9999" in said
    assert "upgrade this reader" in said


def deleted(settings: Settings, *names: str) -> None:
    admin = await_kafka(settings)
    for future in admin.delete_topics(
        [settings.topic(name) for name in names], operation_timeout=10
    ).values():
        future.result(10)


def made(settings: Settings, name: str) -> None:
    """The topic anew, under the same name."""
    admin = await_kafka(settings)
    wanted = NewTopic(settings.topic(name), settings.partitions, 1)

    def done() -> bool:
        (future,) = admin.create_topics([wanted]).values()
        try:
            future.result(10)
        except Exception:  # noqa: BLE001 - the old one may not be gone yet
            return False
        return True

    eventually(done, f"{name} is made anew")


def test_a_source_that_is_deleted_and_made_anew_under_a_running_service_stops_it(settings: Settings) -> None:
    with processing(settings) as loop:
        Feed(settings).write(40)
        eventually(lambda: count(settings) == 40, "all are answered")
        deleted(settings, "interactions")
        made(settings, "interactions")
        told(settings)
        said = sentence(loop)
    assert settings.topic("interactions") in said
    assert "or begin under another prefix" in said


def test_a_topic_that_is_deleted_under_a_running_projection_stops_it(configured: Settings) -> None:
    assert configured.postgres is not None
    upgrade(configured.postgres.get_secret_value(), configured.schema_name)
    told(configured)
    with projecting(configured, build_views(), None) as loop:
        eventually(lambda: loop.health.readiness.ready, "serving")
        deleted(configured, "interactions")
        said = sentence(loop)
    topics.apply(configured, await_kafka(configured))
    assert configured.topic("interactions") in said


def group_deleted(settings: Settings, name: str) -> bool:
    """A group can be deleted once its last copy is gone for good."""
    admin = await_kafka(settings)
    (gone,) = admin.delete_consumer_groups([settings.topic(name)]).values()
    try:
        gone.result(10)
    except KafkaException:
        return False
    return True


def test_a_group_that_was_deleted_begins_where_its_state_is(settings: Settings) -> None:
    with processing(settings):
        told(settings)
        eventually(lambda: events(settings, "enriched"), "the answer")
    eventually(lambda: group_deleted(settings, "extractor"), "the group is deleted")

    with processing(settings):
        told(settings)
        answers: Any = eventually(lambda: events(settings, "enriched")[1:], "the next answer")
    assert [each.value.verdict for each in answers] == [Verdict.DUPLICATE]  # the input was not read twice


def test_an_offset_that_somebody_set_is_not_believed(settings: Settings) -> None:
    with processing(settings):
        told(settings)
        eventually(lambda: events(settings, "enriched"), "the answer")
    place = TopicPartition(settings.topic("interactions"), 0, 0)
    eventually(lambda: committed(settings, place), "the offset is committed")
    with processing(settings, partitions=None) as loop:
        said = sentence(loop)
    assert f"group {settings.topic('extractor')} stands at offset 0" in said
    assert f"{settings.topic('interactions')}/0, its state at 1" in said


def test_rows_of_a_table_without_a_marker_are_refused(settings: Settings) -> None:
    row = row_key("default", "new:neutral", "wait")
    write(settings, "q-table", (row.encode(), encode("q-table", Row(0.5, 1, 0, 0.5, 0))), partition=1)
    table = GlobalTable(Q_TABLE, settings)
    with pytest.raises(Misconfigured, match="have no marker that ends them") as refused:
        table.start()
    table.close()
    assert f"{settings.topic('q-table')}/1: rows before offset 1" in str(refused.value)


def test_a_foreign_process_with_our_transactional_id_ends_the_service(settings: Settings) -> None:
    with processing(settings) as loop:
        foreign = clients.transactional(settings, "extractor")
        foreign.init_transactions(10)
        told(settings)
        said = sentence(loop, Fenced)
        foreign.close()
    assert f"transactional id {clients.transactional_id(settings, 'extractor')}" in said
    assert "ACADEMY_SLOT" in said


def test_a_schema_that_belongs_to_another_cluster_is_refused(settings: Settings) -> None:
    assert settings.postgres is not None
    dsn = settings.postgres.get_secret_value()
    agree(settings)  # before there is anything to agree with
    upgrade(dsn, settings.schema_name)
    claim(settings)
    claim(settings)
    agree(settings)
    with psycopg.connect(dsn) as database:
        table = sql.Identifier(settings.schema_name, "origin")
        database.execute(sql.SQL("UPDATE {} SET cluster = 'elsewhere'").format(table))

    for look in (agree, claim):
        with pytest.raises(Misconfigured, match="belongs to Kafka cluster elsewhere") as refused:
            look(settings)
        assert "ACADEMY_KAFKA" in str(refused.value)
