"""A view's topics read from their beginning by no group, each partition as far as it is asked."""

import time
from collections.abc import Iterable, Iterator, Mapping

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from runtime import clients
from runtime.errors import NotReady
from runtime.global_table import STALLED_SECONDS
from runtime.messages import END, message_of, pass_over
from runtime.positions import Place
from runtime.settings import Settings
from runtime.transform import Message


class Replayed:
    """Reads on where it has stopped; `reached` is the next offset of each partition."""

    def __init__(self, settings: Settings, topics: Iterable[str]) -> None:
        self._names = {settings.topic(topic): topic for topic in topics}
        self._reader = clients.reader(settings)
        self.reached: dict[Place, int] = {}

    def until(self, ends: Mapping[Place, int], most: int) -> Iterator[list[Message]]:
        """The committed messages before these offsets, at most so many at once.

        Raises NotReady where nothing comes for a while.
        """
        left = {place: end for place, end in ends.items() if end > self.reached.get(place, 0)}
        names = {topic: name for name, topic in self._names.items()}
        starts = (
            TopicPartition(names[topic], number, self.reached.get((topic, number)) or OFFSET_BEGINNING)
            for topic, number in left
        )
        self._reader.assign(list(starts))
        deadline = time.monotonic() + STALLED_SECONDS
        while left:
            found = list(self._taken(left, most))
            if found:
                deadline = time.monotonic() + STALLED_SECONDS
                yield found
            elif time.monotonic() > deadline:
                raise NotReady(f"the log stands still short of {left}: a transaction may be open on it")

    def lacks(self, ends: Mapping[Place, int]) -> int:
        """Offsets that are still to be passed."""
        return sum(max(0, end - self.reached.get(place, 0)) for place, end in ends.items())

    def close(self) -> None:
        """Let go of the broker."""
        self._reader.close()

    def _taken(self, left: dict[Place, int], most: int) -> Iterator[Message]:
        for one in self._reader.consume(most, 0.1):
            topic, offset, error = self._names[one.topic() or ""], one.offset() or 0, one.error()
            place = (topic, one.partition() or 0)
            if error is not None and error.code() != END:
                pass_over(error)
                continue
            if place not in left:
                continue  # what was fetched already of a partition that is read
            if error is None and offset < left[place]:
                self.reached[place] = offset + 1
                yield message_of(one, topic)
            if offset + (error is None) >= left[place]:
                self.reached[place] = left.pop(place)
                self._reader.incremental_unassign([TopicPartition(one.topic() or "", place[1])])
