"""The border: a client's message becomes our `Message`, an error that passes by itself is passed over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException
from confluent_kafka import Message as ClientMessage

from runtime.errors import Fenced, Misconfigured
from runtime.transform import Message

END = KafkaError._PARTITION_EOF  # noqa: SLF001 - the client's own name for it

_FENCED = (KafkaError.FENCED_INSTANCE_ID, KafkaError._FENCED)  # noqa: SLF001 - the client's own name
_GONE = (
    KafkaError._AUTO_OFFSET_RESET,  # noqa: SLF001 - the client's own name
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.OFFSET_OUT_OF_RANGE,
)
_PASSING = (
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - the client's own names
    KafkaError._TRANSPORT,  # noqa: SLF001 - the same
    KafkaError._RESOLVE,  # noqa: SLF001 - the same
    KafkaError._TIMED_OUT,  # noqa: SLF001 - the same
    KafkaError._MAX_POLL_EXCEEDED,  # noqa: SLF001 - the same
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)


def received(
    found: Iterable[ClientMessage], topics: Mapping[str, str], ends: dict[tuple[str, int], int]
) -> list[Message]:
    """The messages among what a client handed over; a partition's end goes into `ends`, by topic and partition.

    `topics` gives the catalogue's name for each. Raises what the client cannot mend by itself.
    """
    messages = []
    for one in found:
        error = one.error()
        if error is None:
            messages.append(message_of(one, topics[one.topic() or ""]))
        elif error.code() == END:
            ends[topics[one.topic() or ""], one.partition() or 0] = one.offset() or 0
        elif error.code() in _GONE:
            raise Misconfigured(
                f"{one.topic()}/{one.partition()}: offset {one.offset()} cannot be read ({error.str()}): the topic "
                "was deleted, cut or made anew while the service ran; restore it, or begin under another prefix"
            )
        else:
            pass_over(error)
    return messages


def is_of_place(error: KafkaError) -> bool:
    """Whether it tells of one partition's log: that it ends here, or has no such offset."""
    return error.code() == END or error.code() in _GONE


def newest_ms(found: Sequence[ClientMessage]) -> int:
    """When the last of them was written, milliseconds of the epoch; 0 where there is none."""
    return next((raw.timestamp()[1] for raw in reversed(found) if raw.error() is None), 0)


def message_of(message: ClientMessage, topic: str) -> Message:
    """Ours, under the topic's name in the catalogue; a missing value stays apart from an empty one (rule 17)."""
    number, offset = message.partition(), message.offset()
    if number is None or offset is None:
        raise ValueError("a fetched message without its place")
    kind, milliseconds = message.timestamp()
    appended = _appended(milliseconds) if kind == TIMESTAMP_LOG_APPEND_TIME else None
    given: Any = message.headers()
    headers = [(name, value) for name, value in given if isinstance(value, bytes)] if given else []
    return Message(topic, number, offset, message.key(), message.value(), headers, appended)


@lru_cache(maxsize=1024)
def _appended(milliseconds: int) -> datetime:
    """The broker's time, which messages of a batch share."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def pass_over(error: KafkaError) -> None:
    """Raise unless the client mends it by itself; Fenced where another copy has this one's slot."""
    replaced = error.code() == KafkaError._FATAL and "fenced" in error.str()  # noqa: SLF001 - the same
    if replaced or error.code() in _FENCED:
        raise Fenced(f"another copy runs in this slot: {error.str()}; give each copy its own ACADEMY_SLOT")
    if error.fatal() or not (error.retriable() or error.code() in _PASSING):
        raise KafkaException(error)
