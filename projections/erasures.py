"""Erasure, carried out: once the decider has answered it, keys are destroyed, views purged, and a receipt is written.

The rows of `erasures` are a view like others. The rest is no fold of the log: destroying a key happens once, in one
transaction with the purge and the receipt, and whatever is replayed later meets a household that is gone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from domain.acts import ErasureTold
from domain.acts_enriched import ErasureEnriched
from domain.events import derived_id
from domain.receipts import DestroyedKey, LastCopy, Receipt
from domain.vocabulary import Verdict
from projections import interactions, leads, search
from projections.key_tables import erasures
from runtime import key_table
from runtime.forgetting import Given, Told
from runtime.keys import household
from runtime.retention import FOR_EVER, Retention
from runtime.transform import Output, Record
from runtime.views import View

Database = psycopg.Connection[Any]

PURGED = (interactions.VIEW.table, leads.VIEW.table, leads.STATES.table, search.TABLE)
"""Views that keep nothing of an erased household; decisions and transitions have no word of it, and teach on."""

CLEAR = timedelta(hours=25)
"""So long at the most a word stands in clear: on `inbox`, and on the dead letters and redrives of ingest."""

EXPIRE = timedelta(hours=1)
"""Between two looks at what has been kept for long enough."""

_ERASED = "SELECT lead_id, subject FROM erasures WHERE lead_id = ANY(%s) AND destroyed_at IS NOT NULL"
_ANSWERED = """
SELECT asked.partition, asked.root_offset, asked.event_id, asked.lead_id, asked.subject, asked.requested_at
FROM erasures AS asked
JOIN decisions AS answer ON answer.partition = asked.partition AND answer.root_offset = asked.root_offset
WHERE asked.destroyed_at IS NULL AND asked.told_at IS NULL AND answer.verdict = %s
ORDER BY asked.partition, asked.root_offset
"""
_SCRUB = sql.SQL(
    "DELETE FROM {} WHERE lead_id IN"
    " (SELECT lead_id FROM erasures WHERE subject IS NULL AND destroyed_at IS NOT NULL)"
)
_CARRIED_OUT = """
UPDATE erasures SET destroyed_at = %s, receipt = %s WHERE partition = %s AND root_offset = %s
"""
_UNTOLD = """
SELECT partition, root_offset, receipt FROM erasures WHERE told_at IS NULL AND receipt IS NOT NULL
ORDER BY partition, root_offset
"""
_TOLD = "UPDATE erasures SET told_at = now() WHERE partition = %s AND root_offset = %s"

# Whoever follows what changes looks again, once this is committed.
_SAY = "SELECT pg_notify(current_schema(), '')"

# Every batch moves its positions first: it has ended, or begins once the household is gone and writes nothing of it.
_ALONE = "LOCK TABLE positions IN SHARE ROW EXCLUSIVE MODE"
_KEPT = {"interactions": "kind IS DISTINCT FROM 'erasure'"}
"""What of a purged view goes, where it is not everything: that somebody asked to be forgotten stays."""


def from_interactions(record: Record) -> Iterable[dict[str, Any]]:
    """That somebody is to be forgotten."""
    event = record.value
    if isinstance(event, ErasureTold):
        yield {
            "partition": record.partition,
            "root_offset": record.offset,
            "event_id": event.event_id,
            "lead_id": event.lead_id,
            "subject": event.subject,
            "requested_at": event.recorded_at,
        }


VIEW = View(erasures, {"interactions": from_interactions})
CARRIED_OUT = ("destroyed_at", "receipt", "told_at")
"""Columns that no record gives: what was done about it."""


def outlives(view: View, record: Record) -> bool:
    """Whether a row of this record may stand in this view though its household was erased."""
    return view.table not in PURGED or isinstance(record.value, ErasureTold | ErasureEnriched)


class Erasures:
    """What the projector does about them; `backups` is how long copies of the database are kept.

    It also destroys the keys of months whose words have been kept for long enough, every `EXPIRE`.
    """

    def __init__(
        self,
        backups: timedelta,
        retention: Retention = FOR_EVER,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._backups, self._retention, self._clock = backups, retention, clock
        self._expired_at = datetime.min.replace(tzinfo=UTC)

    def kept(self, database: Database, told: Sequence[Told]) -> list[Given]:
        """The rows without those that would be left of whoever was erased; within their transaction."""
        named = sorted({record.key for record, _given in told})
        erased = database.execute(_ERASED, [named]).fetchall() if named else []
        gone = {lead_id for lead_id, subject in erased if subject is None}
        people = {f"{lead_id}/{subject}" for lead_id, subject in erased if subject is not None}
        return [
            (view, row)
            for record, (view, row) in told
            if (record.key not in gone or outlives(view, record)) and not _finds(view, row, people)
        ]

    def carry_out(self, database: Database) -> int:
        """Every erasure that was answered and not yet carried out, each once; how many there were."""
        if self._retention.days and self._clock() >= self._expired_at + EXPIRE:
            self.expire(database)
            self._expired_at = self._clock()
        if not database.execute(_ANSWERED, [Verdict.ERASED.value]).fetchone():
            return 0
        with database.transaction():
            database.execute("SET LOCAL synchronous_commit TO on")  # a key that is destroyed stays so
            database.execute(_ALONE)
            found = database.execute(_ANSWERED, [Verdict.ERASED.value]).fetchall()
            for asked in found:
                self._carry_out(database, _Asked(*asked))
            database.execute(_SAY)
        return len(found)

    def _carry_out(self, database: Database, asked: "_Asked") -> None:
        now, lead_id, subject = self._clock(), asked.lead_id, asked.subject
        whose = household(lead_id) if subject is None else f"{lead_id}/{subject}"
        keys = tuple(
            DestroyedKey(key.subject, key.key_id, key.wrapped_sha256)
            for key in key_table.destroy(database, whose, now)
        )
        receipt = Receipt(
            receipt_id=derived_id(lead_id, asked.event_id, "receipt", asked.root_offset),
            lead_id=lead_id,
            subject=subject,
            erasure_event_id=asked.event_id,
            root_offset=asked.root_offset,
            requested_at=asked.requested_at.astimezone(UTC),
            destroyed_at=now,
            keys=keys,
            purged=_purge(database, lead_id, subject),
            copies=(LastCopy("inbox", now + CLEAR), LastCopy("backups", now + self._backups)),
        )
        written = Jsonb(msgspec.to_builtins(receipt))
        database.execute(_CARRIED_OUT, [now, written, asked.partition, asked.root_offset])

    def expire(self, database: Database) -> int:
        """Destroy the keys of words that have been kept for as long as they are to be; how many."""
        over = list(self._retention.over(key_table.dated(database), self._clock()))
        with database.transaction():
            database.execute("SET LOCAL synchronous_commit TO on")
            return sum(len(key_table.destroy(database, subject, self._clock())) for subject in over)

    def untold(self, database: Database) -> dict[tuple[int, int], Output]:
        """Receipts that are not on their topic yet, by the place of the erasure."""
        return {
            (partition, offset): Output("receipts", told["lead_id"], msgspec.convert(told, Receipt))
            for partition, offset, told in database.execute(_UNTOLD)
        }

    def told(self, database: Database, places: Iterable[tuple[int, int]]) -> None:
        """These are on the topic; told again after a crash, they have the same id."""
        with database.transaction():
            for place in places:
                database.execute(_TOLD, place)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One row of what was answered."""

    partition: int
    root_offset: int
    event_id: str
    lead_id: str
    subject: str | None
    requested_at: datetime


def _purge(database: Database, lead_id: str, subject: str | None) -> dict[str, int]:
    if subject is not None:
        return {search.TABLE.name: search.purge(database, lead_id, f"{lead_id}/{subject}")}
    return {table.name: _deleted(database, table.name, lead_id) for table in PURGED}


def _finds(view: View, row: dict[str, Any], people: set[str]) -> bool:
    """Whether somebody who was erased would be found again: their key may have been in memory a moment ago."""
    return view.table is search.TABLE and row["subject"] in people


def scrub(database: Database, table: str, purged: str) -> None:
    """A table that was made anew in the place of a purged one: nothing of erased households is left in it."""
    if purged in {one.name for one in PURGED}:
        also = f" AND {_KEPT[purged]}" if purged in _KEPT else ""
        database.execute(_SCRUB.format(sql.Identifier(table)) + sql.SQL(also))


def _deleted(database: Database, table: str, lead_id: str) -> int:
    also = f" AND {_KEPT[table]}" if table in _KEPT else ""
    found = database.execute(f"DELETE FROM {table} WHERE lead_id = %s{also}", [lead_id])  # noqa: S608 - our own names
    return found.rowcount
