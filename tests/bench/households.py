"""Many households as rows of the views that lists read, put in by COPY, their names really sealed."""

import gc
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from multiprocessing import get_context
from random import Random
from typing import Any

import psycopg
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from domain.actions import ACTIONS, STOP, WAIT
from domain.events import Child, Guardian, Sealed
from domain.states import Reminder
from domain.vocabulary import Bucket, ReviewKind, Status
from projections import interactions, leads, search
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from projections.key_tables import keys as key_table
from projections.leads import RECORD_PARTS
from projections.search_words import Hasher, hasher, of_name, of_phone
from runtime import bulk
from runtime.keys import Keys, child, guardian
from runtime.master import LocalMaster, load_master
from runtime.views import Row
from schemas.sealed import new_key, unseal
from tests import given

STATUSES = (30, 22, 14, 8, 6, 8, 3, 4, 5)  # in a hundred, in the order of Status
BUCKETS = (22, 4, 10, 10, 8, 8, 5, 12, 3, 18)  # in a hundred, in the order of Bucket
REVIEWED, ASKED = 0.01, 0.02
AT_A_TIME = 5_000
"""Households of one transaction; their people's keys are one key under an id each, and wrapped each for itself."""
FIRST = ("Dana", "Maria", "José", "Chloe", "Amir", "Wei", "Olga", "Kofi", "Lena", "Noah", "Priya", "Tom")
LAST = tuple(
    head + tail
    for head in ("Whit", "Bran", "Okaf", "Garz", "Mitch", "Thorn", "Lind", "Ross", "Ham", "Kell")
    for tail in ("field", "dt", "or", "a", "ell", "e", "gren", "i", "mond", "er", "ovic", "ano")
)
"""Names repeat as they do in a town: one in twelve is called Dana, one in 120 Whitfield."""
CONTACTS = tuple(name for name in ACTIONS if name not in (STOP, WAIT))


KINDS = list(ReviewKind)
EVENT = given.recorded_lead()
TABLES = (key_table, interactions.VIEW.table, leads.VIEW.table, search.TABLE, leads.STATES.table)
CORES = os.cpu_count() or 1

_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND conindid IS NULL
"""


def fill(settings: ApiSettings, count: int, folded: Mapping[str, Any] | None = None) -> None:
    """Keys, records, leads and states, in which `folded` stands, too; then what autovacuum would have done by then.

    By as many processes as the machine has cores.
    """
    assert settings.postgres is not None
    assert settings.master_key_file is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with closing(Keys(settings)) as keys:
        token = hasher(keys)
    town = _Town(dsn, LocalMaster(load_master(settings.master_key_file)), token, folded or {})
    shares = [range(start, min(start + AT_A_TIME, count)) for start in range(0, count, AT_A_TIME)]
    with unindexed(dsn, TABLES), ProcessPoolExecutor(CORES, get_context("spawn"), gc.disable) as pool:
        list(pool.map(town.settle, shares))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@contextmanager
def unindexed(dsn: str, tables: Sequence[sa.Table]) -> Iterator[None]:
    """Meanwhile these tables have their keys alone, and nobody vacuums them: both is cheaper once they are filled."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(_INDEXES, [[table.name for table in tables]]).fetchall()
        for name, _definition in found:
            connection.execute(f"DROP INDEX {name}")
        for table in tables:
            connection.execute(f"ALTER TABLE {table.name} SET (autovacuum_enabled = off)")
    yield
    given_back = [f"ALTER TABLE {table.name} RESET (autovacuum_enabled)" for table in tables]
    side_by_side(dsn, [(one, {}) for one in (*(definition for _name, definition in found), *given_back)])


def side_by_side(dsn: str, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Statements, each with what it is given, as many at once as the machine has cores."""

    def run(statement: tuple[str, Mapping[str, Any]]) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET maintenance_work_mem TO '512MB'")
            connection.execute(statement[0].encode(), statement[1] or None)

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(run, statements))


def touch(settings: ApiSettings, count: int) -> None:
    """So many leads get an answer, as the projection would write it, a hundred in a transaction."""
    assert settings.postgres is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        ids = [
            lead_id for (lead_id,) in connection.execute("SELECT lead_id FROM leads ORDER BY md5(lead_id)")
        ]
        for start in range(0, count, 100):
            some = ids[start : start + 100]
            with connection.transaction():
                connection.execute(
                    "UPDATE leads SET sequence = sequence + 1, interactions = interactions + 1 WHERE lead_id = ANY(%s)",
                    [some],
                )
                connection.execute(
                    "UPDATE leads SET updated_at = updated_at + interval '1 minute', decided_at = updated_at"
                    " WHERE lead_id = ANY(%s)",
                    [some],
                )


@dataclass(frozen=True, slots=True)
class _Town:
    """What households are made with: the master key, the hash of search terms, what is folded of each."""

    dsn: str
    master: LocalMaster
    token: Hasher
    folded: Mapping[str, Any]

    def settle(self, numbers: range) -> None:
        """These households, in one transaction."""
        drawn, ciphers = Random(numbers.start), _Ciphers(self.master)  # noqa: S311 - the same rows each time, no secret
        rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
        statuses = drawn.choices(list(Status), STATUSES, k=len(numbers))
        buckets = drawn.choices(list(Bucket), BUCKETS, k=len(numbers))
        for number, status, bucket in zip(numbers, statuses, buckets, strict=True):
            lead = _lead(number, status, bucket, drawn)
            rows["leads"].append(lead)
            rows["lead_states"].append(_state(lead, drawn, self.folded))
            for name, row in self._record(number, lead, ciphers, drawn):
                rows[name].append(row)
        with psycopg.connect(self.dsn) as connection:
            connection.execute("SET synchronous_commit TO off")
            for table in TABLES:
                found = rows[table.name]
                bulk.copy(connection, table, tuple(found[0]), found)

    def _record(
        self, number: int, lead: Row, ciphers: "_Ciphers", drawn: Random
    ) -> Iterator[tuple[str, Row]]:
        """The event that told of a household, with its people: their keys, and what they are found by."""
        lead_id, event_id = lead["lead_id"], f"record-{number}"
        adult, minor = guardian(lead_id, "g1"), child(lead_id, "c1")
        one, other = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        name, minor_name = f"{drawn.choice(FIRST)} {drawn.choice(LAST)}", drawn.choice(FIRST)
        for subject, key_id in ((adult, one), (minor, other)):
            yield "keys", {"subject": subject, "key_id": key_id, "wrapped": ciphers.wrapped(key_id)}
        event = replace(
            EVENT,
            event_id=event_id,
            lead_id=lead_id,
            recorded_at=lead["updated_at"],
            occurred_at=lead["updated_at"],
            guardians=(Guardian("g1", ciphers.sealed(one, event_id, "name", name), None, None),),
            children=(Child("c1", ciphers.sealed(other, event_id, "name", minor_name), 9, None),),
            campaign_goal=ciphers.sealed(one, event_id, "campaign_goal", "a trial session"),
        )
        yield (
            "interactions",
            {
                **_place(number),
                "event_id": event_id,
                "lead_id": lead_id,
                "kind": "lead",
                "recorded_at": event.recorded_at,
                "occurred_at": event.occurred_at,
                "recorded": event,
                "enriched_id": f"enriched-{number}",
            },
        )
        found = [*_tokens(self.token, name), *map(self.token, of_phone(f"+1 312 {number:07}"))]
        yield "lead_search", _found(number, "guardians", adult, found)
        yield "lead_search", _found(number, "children", minor, _tokens(self.token, minor_name))


class _Ciphers:
    """A key for many people, under an id for each: to make a cipher takes longer than to use it.

    What they write opens as what `seal` and the master write does, which is looked at once.
    """

    def __init__(self, master: LocalMaster) -> None:
        key = new_key("a trial")
        self._aes, self._own, self._master = key.aes, AESSIV(key.aes), AESSIV(master.key)
        assert master.unwrap(key.key_id, self.wrapped(key.key_id)) == key.aes
        assert unseal(key, "name", self.sealed(key.key_id, "record", "name", "Dana")) == "Dana"

    def wrapped(self, key_id: str) -> bytes:
        return self._master.encrypt(self._aes, [key_id.encode()])

    def sealed(self, key_id: str, event_id: str, field: str, text: str) -> Sealed:
        box = self._own.encrypt(text.encode(), [event_id.encode(), field.encode()])
        return Sealed(key_id, event_id, box)


@cache
def _tokens(token: Hasher, name: str) -> tuple[int, ...]:
    return tuple(map(token, of_name(name)))


def _place(number: int) -> Row:
    return {"partition": number % 12, "root_offset": number // 12}


def _found(number: int, part: str, subject: str, tokens: Sequence[int]) -> Row:
    lead_id, offset = subject.partition("/")[0], _place(number)["root_offset"]
    return {"lead_id": lead_id, "subject": subject, "root_offset": offset, "part": part, "tokens": [*tokens]}


def _lead(number: int, status: Status, bucket: Bucket, drawn: Random) -> Row:
    lead_id, place = f"fam-{number:07}", _place(number)
    action = STOP if status is Status.DECLINED else drawn.choice((WAIT, *CONTACTS))
    contacts = action in CONTACTS
    scheduled = _from_noon(drawn) if contacts else None
    updated = given.NOON - timedelta(seconds=drawn.randrange(90 * 86_400))
    review = {"kind": drawn.choice(KINDS), "event_id": f"e-{lead_id}", "at": updated.isoformat()}
    return {
        "lead_id": lead_id,
        "partition": place["partition"],
        **{f"{part}_offset": place["root_offset"] for part in RECORD_PARTS},
        "status": status.value,
        "consent": "contactable",
        "due": scheduled and scheduled + timedelta(hours=72),
        "sequence": 3,
        "interactions": 2,
        "reviews": [review] if drawn.random() < REVIEWED else None,
        "state": f"{status}:{bucket}",
        "bucket": bucket.value,
        "updated_at": updated,
        "decision_id": f"d-{lead_id}",
        "action": action,
        "channel": "sms" if contacts else None,
        "scheduled_for": scheduled,
        "expires_at": scheduled and scheduled + timedelta(hours=72),
        "decided_at": updated - timedelta(minutes=drawn.randrange(5_000)),
    }


def _state(lead: Row, drawn: Random, folded: Mapping[str, Any]) -> Row:
    """The reminder of the decision's moment, and of a few households one that an operator set."""
    own, scheduled = lead["decision_id"], lead["scheduled_for"]
    open_ones = [] if scheduled is None else [Reminder(own, scheduled, own, fired=scheduled <= given.NOON)]
    asked_at = None
    if drawn.random() < ASKED:
        asked_at = _from_noon(drawn)
        open_ones.append(Reminder(f"r-{lead['lead_id']}", asked_at, own, fired=asked_at <= given.NOON))
    return {
        "lead_id": lead["lead_id"],
        "folded": {**folded, "reminders": open_ones},
        "reminds_at": min((one.due_at for one in open_ones), default=None),
        "asked_at": asked_at,
    }


def _from_noon(drawn: Random) -> datetime:
    """From ten hours before it to a week after it."""
    return given.NOON + timedelta(minutes=drawn.randrange(-600, 7 * 1440))
