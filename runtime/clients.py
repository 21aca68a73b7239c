"""Builds every Kafka client; the only client configuration there is (rules 5, 8, 14, 19)."""

import logging
from functools import lru_cache
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs lack them
    AdminClient,
    ConfigResource,
    ResourceType,
)

from runtime.errors import Misconfigured
from runtime.settings import Settings

_LOG = logging.getLogger("kafka")

TRANSACTION_MS = 15_000
"""A transaction is open for milliseconds; ten times the longest one seen on a slow machine."""

CALL_SECONDS = 10.0
"""Deadline of one transactional call with all its repetitions (rule 5)."""

SINCE_4_3 = "cordoned.log.dirs"
"""A setting that brokers have since 4.3; they tell no version."""


def _common(settings: Settings) -> dict[str, Any]:
    if not settings.kafka:
        raise Misconfigured("ACADEMY_KAFKA is not set: name the bootstrap servers, or use `academy run`")
    return {
        "bootstrap.servers": settings.kafka,
        "client.id": f"academy-{settings.slot}",
        "log_level": 4,
        "reconnect.backoff.ms": 20,
        "logger": _LOG,
    }


def _reading(settings: Settings) -> dict[str, Any]:
    return {
        **_common(settings),
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "fetch.wait.max.ms": 100,
        "fetch.queue.backoff.ms": 50,
        "queued.min.messages": 5_000,
        "queued.max.messages.kbytes": 16_384,
    }


def member(settings: Settings, group: str) -> Consumer:
    """A member of a consumer group, by the protocol of the settings; it says where each of its partitions begins.

    Under the classic one its place is its slot, so that a quick restart moves nothing. Under the consumer protocol it
    has no fixed place: there a killed copy would keep its own successor out until its session ends.
    """
    consumer = Consumer(
        {
            **_reading(settings),
            "group.id": settings.topic(group),
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "max.poll.interval.ms": 120_000,
            **(_CONSUMER if protocol(settings) == "consumer" else _classic(settings, group)),
        }
    )
    consumer.list_topics(timeout=CALL_SECONDS)
    return consumer


_CONSUMER = {"group.protocol": "consumer"}
"""The broker says when a session ends: `group.consumer.session.timeout.ms`."""


def _classic(settings: Settings, group: str) -> dict[str, Any]:
    return {
        "group.instance.id": transactional_id(settings, group),
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": 10_000,
        "heartbeat.interval.ms": 1_000,
    }


def protocol(settings: Settings) -> str:
    """The group protocol: as set, or the newest that the broker speaks well."""
    if settings.group_protocol != "auto":
        return settings.group_protocol
    return _protocol_of(settings)


@lru_cache(maxsize=8)
def _protocol_of(settings: Settings) -> str:
    """Until 4.3 a commit between two steps of a rebalance was refused under the consumer protocol (KIP-1251)."""
    held = broker_settings(admin(settings))
    return "consumer" if SINCE_4_3 in held else "classic"


def broker_settings(admin: AdminClient) -> dict[str, str]:
    """The settings of one broker, by name."""
    number = next(iter(admin.list_topics(timeout=CALL_SECONDS).brokers))
    asked = [ConfigResource(ResourceType.BROKER, str(number))]
    (future,) = admin.describe_configs(asked, request_timeout=CALL_SECONDS).values()
    return {name: entry.value for name, entry in future.result(CALL_SECONDS).items()}


def reader(settings: Settings, *, wait_ms: int = 20, committed: bool = True) -> Consumer:
    """A reader without a group that says where a partition ends: restore, tables and tools.

    It passes over what no transaction has committed, unless told otherwise.

    The first look at the metadata connects it: half a second sooner than the client would by itself.
    """
    consumer = Consumer(
        {
            **_reading(settings),
            "group.id": settings.topic("reader"),
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": wait_ms,
            **({} if committed else {"isolation.level": "read_uncommitted"}),
        }
    )
    consumer.list_topics(timeout=CALL_SECONDS)
    return consumer


_INFO = 6
"""The client's number for lines that tell of a closed connection."""


def _told_by_its_call(_error: object) -> None:
    """A transactional call raises what concerns it; without this, polling and closing would raise it once more."""


def transactional(settings: Settings, group: str, doubts: logging.Handler | None = None) -> Producer:
    """The producer of one slot of a service; a second one with the same id fences the first (rule 8).

    `doubts` hears its log alone (rule 6).
    """
    logger, told = _LOG, {}
    if doubts is not None:
        logger = _LOG.getChild(f"transactions-{id(doubts)}")
        logger.setLevel(logging.INFO)  # at which the client tells of a closed connection
        logger.propagate = False  # the handler passes warnings on
        logger.addHandler(doubts)
        told = {"log_level": _INFO}
    return Producer(
        {
            **_writing(settings),
            **told,
            "logger": logger,
            "error_cb": _told_by_its_call,
            "transactional.id": transactional_id(settings, group),
            "transaction.timeout.ms": TRANSACTION_MS,
            "retry.backoff.ms": 20,
        }
    )


def writer(settings: Settings) -> Producer:
    """An idempotent producer without transactions; a record unconfirmed for 10 s fails."""
    return Producer({**_writing(settings), "message.timeout.ms": 10_000})


def _writing(settings: Settings) -> dict[str, Any]:
    return {
        **_common(settings),
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 2,
        "compression.type": "lz4",
        "partitioner": "murmur2_random",
        "queue.buffering.max.messages": 500_000,
        "queue.buffering.max.kbytes": 262_144,
    }


def admin(settings: Settings) -> AdminClient:
    """For topics, offsets and groups."""
    return AdminClient(_common(settings))


def cluster_id(settings: Settings) -> str:
    """The id that the cluster was formatted with."""
    return str(admin(settings).list_topics(timeout=CALL_SECONDS).cluster_id)


def transactional_id(settings: Settings, group: str) -> str:
    """Of one slot of a service; under the classic protocol its name in the group, too."""
    return f"{settings.topic(group)}-{settings.slot}"
