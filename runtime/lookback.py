"""What stands on a topic, read once by no group: all of it, or what was written from a moment on."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime import clients
from runtime.global_table import end_offsets
from runtime.messages import END, message_of, pass_over
from runtime.settings import Settings
from runtime.transform import Message


def messages(
    settings: Settings, topic: str, number: int | None = None, *, committed: bool = True
) -> Iterator[Message]:
    """Every message of a topic, or of one of its partitions, as it stands now; those of aborts, too, if asked."""
    name = settings.topic(topic)
    ends = end_offsets(settings, name, None if number is None else [number])
    reader = clients.reader(settings, committed=committed)
    yield from _between(reader, (name, topic), dict.fromkeys(ends, OFFSET_BEGINNING), ends)


def messages_since(settings: Settings, topic: str, moment: datetime) -> Iterator[Message]:
    """Every committed message that its producer dates at or after a moment, as the topic stands now."""
    name = settings.topic(topic)
    ends = end_offsets(settings, name)
    since = int(moment.timestamp() * 1000)
    reader = clients.reader(settings)
    try:
        asked = [TopicPartition(name, number, since) for number in ends]
        found = reader.offsets_for_times(asked, timeout=clients.CALL_SECONDS)
    finally:
        reader.close()
    starts = {one.partition: one.offset for one in found if one.offset >= 0}
    yield from _between(clients.reader(settings), (name, topic), starts, ends)


def _between(
    reader: Consumer, names: tuple[str, str], starts: Mapping[int, int], ends: Mapping[int, int]
) -> Iterator[Message]:
    """Of the topic with the first name, as messages of the second; closes the reader."""
    name, topic = names
    left = {number: ends[number] for number, start in starts.items() if ends[number] > max(start, 0)}
    try:
        reader.assign([TopicPartition(name, number, starts[number]) for number in left])
        while left:
            for message in reader.consume(1000, 0.1):
                error = message.error()
                if error is None:
                    yield message_of(message, topic)
                elif error.code() != END:
                    pass_over(error)
                elif (message.offset() or 0) >= left.get(message.partition() or 0, 0):
                    left.pop(message.partition() or 0, None)
    finally:
        reader.close()
