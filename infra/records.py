"""What stands on a topic, read once from its beginning by no group."""

from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from runtime import clients
from runtime.global_table import end_offsets
from runtime.messages import END, message_of, pass_over
from runtime.settings import Settings
from runtime.transform import Message


def messages(settings: Settings, topic: str, number: int | None = None) -> Iterator[Message]:
    """Every committed message of a topic, or of one of its partitions, as it stands now."""
    name = settings.topic(topic)
    numbers = None if number is None else [number]
    ends = {found: end for found, end in end_offsets(settings, name, numbers).items() if end}
    reader = clients.reader(settings)
    try:
        reader.assign([TopicPartition(name, found, OFFSET_BEGINNING) for found in ends])
        while ends:
            for message in reader.consume(1000, 0.1):
                error = message.error()
                if error is None:
                    yield message_of(message, topic)
                elif error.code() != END:
                    pass_over(error)
                elif (message.offset() or 0) >= ends.get(message.partition() or 0, 0):
                    ends.pop(message.partition() or 0, None)
    finally:
        reader.close()
