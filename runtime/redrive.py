"""Reads a service's redriven dead letters: for each partition of its source that it owns, the same one of `.redrive`.

It is no topic of the group's subscription: no assignor promises that two topics stay together (rule 15).
"""

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime import clients
from runtime.messages import received
from runtime.settings import Settings
from runtime.transform import Message
from schemas.topics import TOPICS

WAIT_MS = 5_000
"""A fetch of a topic on which nearly nothing ever comes; what comes ends it at once."""


class Redriven:
    """The messages of `topic` for the partitions that are followed; none where the catalogue has no such topic."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._name, self._topic = topic, settings.topic(topic)
        self._numbers: set[int] = set()
        self._reader: Consumer | None = None
        if topic in TOPICS:
            self._reader = clients.reader(settings, wait_ms=WAIT_MS)

    def follow(self, number: int, offset: int | None) -> None:
        """Begin a partition at its next offset, or where it begins."""
        if self._reader is not None:
            start = OFFSET_BEGINNING if offset is None else offset
            self._reader.incremental_assign([TopicPartition(self._topic, number, start)])
            self._numbers.add(number)

    def forget(self, numbers: set[int]) -> None:
        """These were taken away."""
        gone = self._numbers & numbers
        if self._reader is not None and gone:
            self._reader.incremental_unassign([TopicPartition(self._topic, number) for number in gone])
            self._numbers -= gone

    def messages(self) -> list[Message]:
        """What has come, at once."""
        if self._reader is None:
            return []
        return received(self._reader.consume(100, 0), {self._topic: self._name}, {})

    def close(self) -> None:
        """Leave."""
        if self._reader is not None:
            self._reader.close()
