"""The consumer groups as those on call see them: who has which partition, how far behind it is, and for how long."""

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.global_table import end_offsets
from runtime.settings import Settings

SOURCES = {
    "ingest": ("inbox",),
    "extractor": ("interactions",),
    "decider": ("enriched",),
    "learner": ("transitions",),
    "projections": ("interactions", "enriched", "decisions", "transitions", "q-table", "policies", "leads"),
}
"""What each group reads, by topic of the catalogue."""

IN_POSTGRES = "projections"
"""Its positions are rows beside its views; what the group has committed means nothing."""


@dataclass(frozen=True, slots=True)
class Member:
    """One copy of a service in its group."""

    instance: str
    host: str
    partitions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One partition of a source: the next offset to handle, the end, and how old the oldest unhandled record is.

    `next_offset` is None where nothing was ever handled, `behind_s` where nothing waits.
    """

    topic: str
    partition: int
    next_offset: int | None
    end: int
    behind_s: float | None

    @property
    def lag(self) -> int:
        """Records that wait; end markers of transactions are counted with them."""
        return max(0, self.end - (self.next_offset or 0))


@dataclass(frozen=True, slots=True)
class Group:
    """One group as it stands now."""

    name: str
    state: str
    assignor: str
    members: tuple[Member, ...]
    places: tuple[Place, ...]


def groups(settings: Settings) -> list[Group]:
    """Every group; raises NotReady where Kafka or Postgres does not answer."""
    admin = clients.admin(settings)
    reader = clients.reader(settings)
    try:
        return [_group(settings, admin, reader, name) for name in SOURCES]
    finally:
        reader.close()


def _group(settings: Settings, admin: AdminClient, reader: Consumer, name: str) -> Group:
    group = settings.topic(name)
    found = admin.describe_consumer_groups([group], request_timeout=CALL_SECONDS)[group].result()
    offsets = _stored(settings) if name == IN_POSTGRES else _committed(admin, settings, name)
    places = [
        _place(settings, reader, topic, number, offsets.get((topic, number)), end)
        for topic in SOURCES[name]
        for number, end in sorted(end_offsets(settings, settings.topic(topic)).items())
    ]
    members = tuple(sorted((_member(each) for each in found.members), key=lambda each: each.instance))
    return Group(name, found.state.name.lower(), found.partition_assignor, members, tuple(places))


def _member(found: Any) -> Member:
    held = found.assignment.topic_partitions if found.assignment else ()
    partitions = tuple(sorted(f"{place.topic}/{place.partition}" for place in held))
    return Member(found.group_instance_id or found.client_id, found.host, partitions)


def _committed(admin: AdminClient, settings: Settings, name: str) -> dict[tuple[str, int], int]:
    group = settings.topic(name)
    asked = [ConsumerGroupTopicPartitions(group)]
    found = admin.list_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[group].result()
    topics = {settings.topic(topic): topic for topic in SOURCES[name]}
    return {
        (topics[place.topic], place.partition): place.offset
        for place in found.topic_partitions
        if place.topic in topics and place.offset >= 0
    }


def _stored(settings: Settings) -> dict[tuple[str, int], int]:
    if settings.postgres is None:
        raise NotReady("ACADEMY_POSTGRES is not set: the positions of the views are there")
    asked = "SELECT topic, partition, next_offset FROM positions WHERE projection = %s"
    options = f"-c search_path={settings.schema_name} -c statement_timeout=3000"
    try:
        with psycopg.connect(
            settings.postgres.get_secret_value(), connect_timeout=3, options=options
        ) as database:
            return {
                (topic, number): at
                for topic, number, at in database.execute(asked, (IN_POSTGRES,)).fetchall()
            }
    except psycopg.errors.UndefinedTable:
        return {}
    except psycopg.OperationalError as away:
        raise NotReady(f"Postgres does not answer ({type(away).__name__})") from None


def _place(settings: Settings, reader: Consumer, topic: str, number: int, at: int | None, end: int) -> Place:
    waits = end > (at or 0)
    behind = _age(reader, TopicPartition(settings.topic(topic), number, at or 0)) if waits else None
    return Place(topic, number, at, end, behind)


def _age(reader: Consumer, place: TopicPartition) -> float | None:
    """Seconds since the first record there was appended; None where only the marks of transactions are left."""
    reader.assign([place])
    message = reader.poll(1.0)
    if message is None or message.error() is not None:
        return None
    _kind, appended_ms = message.timestamp()
    return max(0.0, time.time() - appended_ms / 1000)
