"""The consumer groups as those on call see them: who has which partition, how far behind it is, and for how long."""

import time
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from infra.offsets import known
from infra.state_age import CHANGELOGS, state_ages
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.global_table import end_offsets
from runtime.settings import Settings
from schemas.topics import TOPICS

SOURCES = {
    "ingest": ("inbox", "ingest.redrive"),
    "extractor": ("interactions", "extractor.redrive"),
    "decider": ("enriched", "decider.redrive"),
    "learner": ("transitions",),
    "projections": tuple(name for name, topic in TOPICS.items() if "projections" in topic.read_by),
}
"""What each group reads, by topic of the catalogue."""


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
    """One group as it stands now; `state_age_s` says of each partition how old its newest kept state is."""

    name: str
    state: str
    assignor: str
    members: tuple[Member, ...]
    places: tuple[Place, ...]
    state_age_s: dict[int, float | None]


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
    offsets = known(admin, settings, name)
    places = [
        _place(settings, reader, topic, number, offsets.get((topic, number)), end)
        for topic in SOURCES[name]
        for number, end in sorted(end_offsets(settings, settings.topic(topic)).items())
    ]
    members = tuple(sorted((_member(each) for each in found.members), key=lambda each: each.instance))
    ages = state_ages(settings, reader, CHANGELOGS[name]) if name in CHANGELOGS else {}
    return Group(name, found.state.name.lower(), found.partition_assignor, members, tuple(places), ages)


def _member(found: Any) -> Member:
    held = found.assignment.topic_partitions if found.assignment else ()
    partitions = tuple(sorted(f"{place.topic}/{place.partition}" for place in held))
    return Member(found.group_instance_id or found.client_id, found.host, partitions)


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
