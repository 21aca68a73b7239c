"""Topics as code: makes the broker match the catalogue; creates and configures, never shrinks or deletes."""

import time
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs lack them
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from runtime.checks import CALL_SECONDS, Difference, differences
from runtime.errors import Misconfigured, NotReady
from runtime.settings import Settings
from schemas.topics import TOPICS


def plan(settings: Settings, admin: AdminClient) -> list[Difference]:
    """What `apply` would change."""
    return differences(settings, admin)


def apply(settings: Settings, admin: AdminClient) -> list[Difference]:
    """Create what is absent and set what differs; returns what was changed. Doing it again changes nothing.

    Raises Misconfigured on another partition count: keys would move to other partitions.
    """
    found = differences(settings, admin)
    for difference in found:
        if difference.what == "the partition count":
            raise Misconfigured(
                f"{difference}; it is fixed for life: set ACADEMY_PARTITIONS, or another prefix"
            )
    _create(settings, admin, {difference.topic for difference in found if difference.found == "absent"})
    _configure(admin, [difference for difference in found if difference.found != "absent"])
    return found


def _create(settings: Settings, admin: AdminClient, absent: set[str]) -> None:
    new = [
        NewTopic(
            settings.topic(topic.name),
            num_partitions=topic.partitions(settings.partitions),
            replication_factor=settings.replication,
            config={
                **topic.config,
                "compression.type": "producer",
                "min.insync.replicas": str(min(2, settings.replication)),
            },
        )
        for topic in TOPICS.values()
        if settings.topic(topic.name) in absent
    ]
    if new:
        for future in admin.create_topics(new, operation_timeout=CALL_SECONDS).values():
            _settle(future)
        _await_visible(admin, {topic.topic: topic.num_partitions for topic in new})


def _await_visible(admin: AdminClient, wanted: dict[str, int]) -> None:
    """Return once the broker tells of every new topic: whoever checks next must find it."""
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        known = admin.list_topics(timeout=CALL_SECONDS).topics
        missing = [
            name for name, count in wanted.items() if name not in known or len(known[name].partitions) < count
        ]
        if not missing:
            return
        if time.monotonic() > deadline:
            raise NotReady(f"the broker created {', '.join(missing)} but does not tell of it yet; try again")
        time.sleep(0.05)


def _settle(future: "Future[Any]") -> None:
    try:
        future.result(CALL_SECONDS)
    except KafkaException as wrong:
        if wrong.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _configure(admin: AdminClient, differing: list[Difference]) -> None:
    changes: dict[str, list[ConfigEntry]] = {}
    for difference in differing:
        entry = ConfigEntry(difference.what, difference.wanted, incremental_operation=AlterConfigOpType.SET)
        changes.setdefault(difference.topic, []).append(entry)
    resources = [
        ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        for topic, entries in changes.items()
    ]
    if resources:
        for future in admin.incremental_alter_configs(resources, request_timeout=CALL_SECONDS).values():
            future.result(CALL_SECONDS)
