"""Refuses to start on a broker or topics that are not what the catalogue says, naming both values (rule 19)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs lack them
    AdminClient,
    ConfigResource,
    ResourceType,
)

from runtime import clients
from runtime.errors import Misconfigured, NotReady
from runtime.settings import Settings
from schemas.topic import Topic
from schemas.topics import TOPICS

log = structlog.get_logger()

CALL_SECONDS = 10.0
OLDEST_BROKER = "Apache Kafka 4.0"
VITAL = ("cleanup.policy", "message.timestamp.type")
"""A topic with another one of these loses data or time; other settings are only reported."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the catalogue says of a topic, and what the broker has."""

    topic: str
    what: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, the catalogue says {self.wanted}"


def await_kafka(settings: Settings) -> AdminClient:
    """An admin client of a broker that answers; raises NotReady at the start deadline."""
    admin = clients.admin(settings)
    deadline = time.monotonic() + settings.start_deadline
    said = False
    while True:
        try:
            admin.list_topics(timeout=2.0)
        except KafkaException as away:
            if time.monotonic() > deadline:
                raise NotReady(
                    f"no Kafka at {settings.kafka} within {settings.start_deadline:.0f} s: "
                    "start it, or correct ACADEMY_KAFKA"
                ) from away
            if not said:
                log.warning("kafka_away", servers=settings.kafka, retrying_for=settings.start_deadline)
                said = True
        else:
            return admin


def await_postgres(settings: Settings) -> str:
    """The DSN of a Postgres that answers; raises NotReady at the start deadline."""
    if settings.postgres is None:
        raise Misconfigured("ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database")
    dsn = settings.postgres.get_secret_value()
    deadline = time.monotonic() + settings.start_deadline
    said = False
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError as away:
            if time.monotonic() > deadline:
                raise NotReady(
                    f"no Postgres within {settings.start_deadline:.0f} s: start it, or correct ACADEMY_POSTGRES"
                ) from away
            if not said:
                log.warning("postgres_away", retrying_for=settings.start_deadline)
                said = True
            time.sleep(0.2)
        else:
            return dsn


def differences(settings: Settings, admin: AdminClient) -> list[Difference]:
    """Everything in which the broker's topics differ from the catalogue; a missing topic is `absent`."""
    known = admin.list_topics(timeout=CALL_SECONDS).topics
    found: list[Difference] = []
    present = []
    for topic in TOPICS.values():
        name = settings.topic(topic.name)
        wanted = topic.partitions(settings.partitions)
        if name not in known:
            found.append(Difference(name, "the topic", f"{wanted} partitions", "absent"))
            continue
        present.append(topic)
        count = len(known[name].partitions)
        if count != wanted:
            found.append(Difference(name, "the partition count", str(wanted), str(count)))
    return found + _configurations(settings, admin, present)


def check(settings: Settings, admin: AdminClient) -> None:
    """Refuse to start where a difference is vital; raises Misconfigured naming both values and the mend."""
    check_broker(clients.broker_settings(admin))
    for difference in differences(settings, admin):
        if difference.found == "absent":
            raise Misconfigured(f"{difference}; run `academy topics apply`")
        if difference.what == "the partition count":
            raise Misconfigured(
                f"{difference}; it is fixed for life: set ACADEMY_PARTITIONS, or another prefix"
            )
        if difference.what in VITAL:
            raise Misconfigured(f"{difference}; run `academy topics apply`")
        log.warning("topic_differs", topic=difference.topic, what=difference.what, found=difference.found)


def check_broker(held: Mapping[str, str]) -> None:
    """Refuse a broker below 4.0, the last that have this setting: it names their version."""
    older = held.get("inter.broker.protocol.version")
    if older is not None:
        raise Misconfigured(f"the broker speaks {older}; {OLDEST_BROKER} or newer is needed: upgrade it")


def _configurations(settings: Settings, admin: AdminClient, topics: list[Topic]) -> list[Difference]:
    resources = {
        settings.topic(topic.name): ConfigResource(ResourceType.TOPIC, settings.topic(topic.name))
        for topic in topics
    }
    if not resources:
        return []
    answers = admin.describe_configs(list(resources.values()), request_timeout=CALL_SECONDS)
    held = {resource.name: future.result(CALL_SECONDS) for resource, future in answers.items()}
    return [
        Difference(settings.topic(topic.name), name, wanted, entry.value)
        for topic in topics
        for name, wanted in topic.config.items()
        if (entry := held[settings.topic(topic.name)].get(name)) is not None and entry.value != wanted
    ]
