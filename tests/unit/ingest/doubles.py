"""Kafka and the key table in memory: the same protocols, no process."""

import threading
import zlib
from collections.abc import Collection, Sequence

from ingest.decisions import Found, FoundReminder
from runtime.errors import NotReady
from runtime.keys import Erased
from runtime.outlet import Headers, Outgoing, Unacknowledged, Written
from runtime.retention import FOR_EVER
from schemas.sealed import Key, new_key


class MemoryOutlet:
    """Partitions as lists; `away` makes it answer as a broker that is gone, `refused` for some keys only."""

    def __init__(self, partitions: int = 3) -> None:
        self.logs: list[list[tuple[str, bytes, Headers]]] = [[] for _ in range(partitions)]
        self.away = False
        self.refused: set[str] = set()

    async def send(
        self, topic: str, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> Written:
        if self.away or key in self.refused:
            raise Unacknowledged("Kafka has not confirmed the record (_MSG_TIMED_OUT)")
        place = zlib.crc32(key.encode()) % len(self.logs) if partition is None else partition
        self.logs[place].append((key, value, headers))
        return Written(topic, place, len(self.logs[place]) - 1)

    async def send_all(self, topic: str, records: Sequence[Outgoing]) -> list[Written | Unacknowledged]:
        answers: list[Written | Unacknowledged] = []
        for one in records:
            try:
                answers.append(await self.send(topic, one.key, one.value, one.headers))
            except Unacknowledged as reason:
                answers.append(reason)
        return answers

    def partitions(self, topic: str) -> int:
        if self.away:
            raise NotReady(f"Kafka does not answer about {topic}")
        return len(self.logs)

    def records(self) -> list[tuple[str, bytes, Headers]]:
        return [record for log in self.logs for record in log]


class MemoryKeys:
    """Keys in a dictionary; those in `memory` are held, the others are lost while it is `away`.

    `askers` are the threads that had to wait for it.
    """

    retention = FOR_EVER

    def __init__(self) -> None:
        self.table: dict[str, Key | None] = {}
        self.memory: dict[str, Key] = {}
        self.away = False
        self.askers: set[int] = set()

    def of(self, subject: str) -> Key:
        if subject in self.memory:
            return self.memory[subject]
        self._reach()
        key = self.table.setdefault(subject, new_key(f"k{len(self.table)}"))
        if key is None:
            raise Erased(f"the key of {subject} was destroyed")
        self.memory[subject] = key
        return key

    def held(self, subject: str) -> Key | None:
        return self.memory.get(subject)

    def by_id(self, key_id: str) -> Key | None:
        self._reach()
        return next((key for key in self.table.values() if key and key.key_id == key_id), None)

    def by_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        return {key_id: key for key_id in key_ids if (key := self.by_id(key_id)) is not None}

    def reachable(self) -> bool:
        return not self.away

    def destroy(self, subject: str) -> None:
        self.table[subject] = None
        self.memory.pop(subject, None)

    def _reach(self) -> None:
        self.askers.add(threading.get_ident())
        if self.away:
            raise NotReady("Postgres does not answer (OperationalError)")


class MemoryDecisions:
    """The views of decisions and reminders as dictionaries.

    `events` are a household's that have their answer, `subjects` the households and people who have a key.
    """

    def __init__(self) -> None:
        self.view: dict[str, Found] = {}
        self.reminders: dict[str, FoundReminder] = {}
        self.events: set[tuple[str, str]] = set()
        self.subjects: set[str] = set()
        self.away = False

    def lead_of(self, decision_id: str) -> Found | None:
        self._reach()
        return self.view.get(decision_id)

    def answered(self, lead_id: str, event_id: str) -> bool:
        self._reach()
        return (lead_id, event_id) in self.events

    def reminder(self, reminder_id: str) -> FoundReminder | None:
        self._reach()
        return self.reminders.get(reminder_id)

    def keyed(self, subject: str) -> bool:
        self._reach()
        return subject in self.subjects

    def _reach(self) -> None:
        if self.away:
            raise NotReady("Postgres does not answer (OperationalError)")
