"""One copy's place in its group: what it was assigned, the messages of it, and how far behind it is."""

from collections.abc import Callable, Iterable, Mapping

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime import clients
from runtime.lag import behind, since
from runtime.messages import newest_ms, received
from runtime.presence import Presence
from runtime.settings import Settings
from runtime.transform import Message

log = structlog.get_logger()

BATCH = 500
"""Messages taken at once at the most."""


class Source:
    """A member of the group, reading one topic; used by the thread that owns it only (rule 13).

    The callbacks run inside `messages`: `assigned` hears the partitions that came, paused until `resume`; `revoked`
    may still commit; `released` hears what is gone, committed or not (rule 11). What fails in one of them is kept,
    and raised after the call (rule 4).
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        topic: str,
        assigned: Callable[[list[int]], None],
        revoked: Callable[[], None],
        released: Callable[[set[int]], None],
    ) -> None:
        self._topic, self._name = settings.topic(topic), topic
        self._assigned, self._revoked, self._released = assigned, revoked, released
        self._failure: BaseException | None = None
        self._ends: dict[tuple[str, int], int] = {}
        self._newest_ms = 0
        self._resumed: set[int] = set()
        self._held, self._presence = False, Presence([self._topic])
        self.joined = False
        self.consumer: Consumer = clients.member(settings, group)

    def open(self) -> None:
        """Ask the group for partitions."""
        self.consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def messages(self, wait: float) -> list[Message]:
        """Wait with `poll`, drain with `consume` (rule 14)."""
        first = self.consumer.poll(wait)
        found = () if first is None else (first, *self.consumer.consume(BATCH - 1, 0))
        if self._failure is not None:
            raise self._failure
        self._presence.look(self.consumer)
        self._newest_ms = newest_ms(found) or self._newest_ms
        return received(found, {self._topic: self._name}, self._ends)

    def resume(self, number: int, offset: int) -> None:
        """Give the messages of a partition that is restored, from its next offset (rules 10, 12)."""
        self._resumed.add(number)
        self.consumer.seek(TopicPartition(self._topic, number, offset or OFFSET_BEGINNING))
        if not self._held:
            self.consumer.resume([TopicPartition(self._topic, number)])

    def hold(self, *, held: bool) -> None:
        """Give no messages for a while, or give them again; the membership goes on (rule 14)."""
        if held == self._held:
            return
        self._held = held
        places = [TopicPartition(self._topic, number) for number in self._resumed]
        (self.consumer.pause if held else self.consumer.resume)(places)

    def behind(self, positions: Mapping[int, int]) -> int | None:
        """Messages that wait behind the next offsets of these partitions; None while an end is not known yet."""
        reached = {
            (self._topic, number): max(offset, self._ends.get((self._name, number), 0))
            for number, offset in positions.items()
        }
        return behind(self.consumer, reached)

    @property
    def age(self) -> float:
        """Seconds since the newest message that was given was written; 0 where none was."""
        return since(self._newest_ms)

    def close(self) -> None:
        """Leave the group."""
        self.consumer.close()

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            for place in places:
                place.offset = OFFSET_BEGINNING  # until it is resumed
            consumer.incremental_assign(places)
            consumer.pause(places)
            self._assigned(_numbers(places))
            self.joined = True
        except Exception as failure:  # noqa: BLE001 - an exception that leaves a callback loses records
            self._failure = failure

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            self._revoked()
            self._release(consumer, places)
        except Exception as failure:  # noqa: BLE001 - the same
            self._failure = failure

    def _on_lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            self._release(consumer, places)
        except Exception as failure:  # noqa: BLE001 - the same
            self._failure = failure

    def _release(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        gone = set(_numbers(places))
        self._resumed -= gone
        for number in gone:
            self._ends.pop((self._name, number), None)
        self._released(gone)
        consumer.incremental_unassign(places)


def _numbers(places: Iterable[TopicPartition]) -> list[int]:
    return [place.partition for place in places]
