"""How far each group has come, where it keeps that: committed on Kafka, for the views in rows beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.positions import move
from runtime.settings import Settings

IN_POSTGRES = "projections"
"""Its positions are rows beside its views; what the group has committed means nothing."""

Offsets = dict[tuple[str, int], int]
"""The next offset to handle by topic, named as in the catalogue, and partition."""


def known(admin: AdminClient, settings: Settings, name: str) -> Offsets:
    """Of every partition that the group has handled something of; raises NotReady where nobody answers."""
    return _stored(settings) if name == IN_POSTGRES else _committed(admin, settings, name)


def place(admin: AdminClient, settings: Settings, name: str, before: Offsets, after: Offsets) -> None:
    """Move the group from `before` to `after`; of the views' rows all or none, and only from there (Fenced)."""
    if name == IN_POSTGRES:
        with _database(settings) as database, database.transaction():
            move(database, name, before, after)
    else:
        _commit(admin, settings, name, after)


def _committed(admin: AdminClient, settings: Settings, name: str) -> Offsets:
    group = settings.topic(name)
    asked = [ConsumerGroupTopicPartitions(group)]
    found = admin.list_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[group].result()
    return {
        (each.topic.removeprefix(settings.topic_prefix), each.partition): each.offset
        for each in found.topic_partitions
        if each.topic.startswith(settings.topic_prefix) and each.offset >= 0
    }


def _commit(admin: AdminClient, settings: Settings, name: str, after: Offsets) -> None:
    group = settings.topic(name)
    places = [TopicPartition(settings.topic(topic), number, at) for (topic, number), at in after.items()]
    asked = [ConsumerGroupTopicPartitions(group, places)]
    done = admin.alter_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[group].result()
    for each in done.topic_partitions:
        if each.error is not None:
            raise KafkaException(each.error)


def _stored(settings: Settings) -> Offsets:
    asked = "SELECT topic, partition, next_offset FROM positions WHERE projection = %s"
    try:
        with _database(settings) as database:
            found = database.execute(asked, (IN_POSTGRES,)).fetchall()
    except psycopg.errors.UndefinedTable:
        return {}
    return {(topic, number): at for topic, number, at in found}


@contextmanager
def _database(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    if settings.postgres is None:
        raise NotReady("ACADEMY_POSTGRES is not set: the positions of the views are there")
    options = f"-c search_path={settings.schema_name} -c statement_timeout=3000"
    dsn = settings.postgres.get_secret_value()
    try:
        with psycopg.connect(dsn, connect_timeout=3, options=options) as database:
            yield database
    except psycopg.OperationalError as away:
        raise NotReady(f"Postgres does not answer ({type(away).__name__})") from None
