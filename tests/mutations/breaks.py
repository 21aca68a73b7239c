"""The rules of the runtime, each broken on purpose by a patch: what must turn an experiment red."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined] # its stubs lack it

from runtime import clients, positions, restore
from runtime.processor import Processor
from runtime.restore import Restorer
from runtime.settings import Settings
from runtime.source import BATCH, Source
from runtime.transaction import Transactions

Patch = Callable[[Any, str, Any], object]
"""Sets an attribute: `setattr`, or one that takes it back."""

UNHEARD = RuntimeError
"""What a callback of an experiment raises."""


def offsets_are_what_was_read(patch: Patch) -> None:
    """Rule 2: a transaction carries the place to which the client has read."""
    kept = Transactions.commit

    def commit(
        self: Transactions, emits: Iterable[Any], offsets: list[TopicPartition], consumer: Any
    ) -> None:
        kept(self, emits, consumer.position(offsets), consumer)

    patch(Transactions, "commit", commit)


def state_is_folded_before_the_commit(patch: Patch) -> None:
    """Rule 3: what an abort takes back is state already, and nobody writes it again."""
    kept = Processor._committed

    def committed(self: Processor[Any], emits: Sequence[Any], offsets: list[TopicPartition]) -> bool:
        for partition in self._partitions.values():
            if partition.uncommitted:
                partition.fold()
        return kept(self, emits, offsets)

    patch(Processor, "_committed", committed)


def an_exception_leaves_a_callback(patch: Patch) -> None:
    """Rule 4: the client's call raises it, and the loop takes that for a read that brought nothing."""
    kept = Source.messages

    def on_revoke(self: Source, consumer: Any, places: list[TopicPartition]) -> None:
        self._revoked()
        self._release(consumer, places)

    def messages(self: Source, wait: float, room: int = BATCH) -> list[Any]:
        try:
            return kept(self, wait, room)
        except UNHEARD:
            return []

    patch(Source, "_on_revoke", on_revoke)
    patch(Source, "messages", messages)


def the_producer_stays_after_a_doubt(patch: Patch) -> None:
    """Rule 6: whatever its log says, the producer begins the next transaction."""
    patch(Transactions, "_trusted", lambda self: self._producer)


def open_transactions_are_not_waited_for(patch: Patch) -> None:
    """Rule 9: a restore ends where committed records end."""

    def ends(settings: Settings, topic: str, numbers: list[int]) -> dict[int, int]:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # its stubs lack types
        asked = {TopicPartition(topic, number): latest for number in numbers}
        admin = clients.admin(settings)
        found = admin.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED)
        return {place.partition: future.result(10).offset for place, future in found.items()}

    patch(restore, "end_offsets", ends)


class Newest(dict[str, int]):
    """Every table, as new as anybody could ask."""

    def get(self, _table: str, _default: Any = None) -> Any:
        """Above any version."""
        return 1 << 62


def tables_are_not_waited_for(patch: Patch) -> None:
    """Rule 9: a partition starts whatever tables its state has used."""
    kept = Restorer.collect

    def collect(self: Restorer[Any]) -> list[Any]:
        versions, self._tables = self._tables, Newest
        try:
            return kept(self)
        finally:
            self._tables = versions

    patch(Restorer, "collect", collect)


def positions_move_without_comparing(patch: Patch) -> None:
    """The views: whoever writes moves the position, wherever it stands."""
    compared = " AND known.next_offset = place.before"
    assert compared in positions._MOVE
    patch(positions, "_MOVE", positions._MOVE.replace(compared, ""))


BREAKS: dict[str, Callable[[Patch], None]] = {
    each.__name__: each
    for each in (
        offsets_are_what_was_read,
        state_is_folded_before_the_commit,
        an_exception_leaves_a_callback,
        the_producer_stays_after_a_doubt,
        open_transactions_are_not_waited_for,
        tables_are_not_waited_for,
        positions_move_without_comparing,
    )
}
