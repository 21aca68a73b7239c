"""One copy's place in its group: what it was assigned, the messages of it, and how far behind it is."""

from collections.abc import Callable, Iterable, Mapping

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka import Message as ClientMessage

from runtime import clients
from runtime.lag import behind, since
from runtime.messages import is_of_place, newest_ms, received
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
        self._held = False
        self._kept: list[Message] = []
        self._presence = Presence([self._topic])
        self.joined = False
        self.consumer: Consumer = clients.member(settings, group)

    def open(self) -> None:
        """Ask the group for partitions."""
        self.consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def messages(self, wait: float, room: int = BATCH) -> list[Message]:
        """At most `room` messages: wait with `poll`, drain with `consume` (rule 14).

        What is fetched and has no room is kept; the client is paused only where that is much, for then it throws away
        what it has fetched, and takes half a second to go on.
        """
        first = self.consumer.poll(wait)
        drained = first is not None and room > len(self._kept)
        more = self.consumer.consume(min(room, BATCH) - 1, 0) if drained and room > 1 else []
        found = [one for one in ([] if first is None else [first, *more]) if self._is_awaited(one)]
        if self._failure is not None:
            raise self._failure
        self._presence.look(self.consumer)
        self._newest_ms = newest_ms(found) or self._newest_ms
        self._kept += received(found, {self._topic: self._name}, self._ends)
        given, self._kept = self._kept[:room], self._kept[room:]
        self._hold()
        return given

    def _is_awaited(self, one: ClientMessage) -> bool:
        """Not what the client has fetched of a partition before it was paused, nor that there was nothing there.

        What it says of the member itself always counts, whatever partition it names: 0, where it means none.
        """
        error = one.error()
        if error is not None and not is_of_place(error):
            return True
        number = one.partition()
        return number is None or number < 0 or number in self._resumed

    def resume(self, number: int, offset: int) -> None:
        """Give the messages of a partition that is restored, from its next offset (rules 10, 12)."""
        self._resumed.add(number)
        self.consumer.seek(TopicPartition(self._topic, number, offset or OFFSET_BEGINNING))
        if not self._held:
            self.consumer.resume([TopicPartition(self._topic, number)])

    def _hold(self) -> None:
        """Pause where much is kept, and resume where little is left of it; the membership goes on."""
        held = len(self._kept) > (BATCH if self._held else 2 * BATCH)
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
                place.offset = 0  # until it is resumed; a search for the beginning could end after its seek
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
        self._kept = [message for message in self._kept if message.partition not in gone]
        for number in gone:
            self._ends.pop((self._name, number), None)
        self._released(gone)
        consumer.incremental_unassign(places)


def _numbers(places: Iterable[TopicPartition]) -> list[int]:
    return [place.partition for place in places]
