"""The table of keys, statement by statement, each on the caller's connection and in the caller's transaction.

A destroyed key leaves its row without the key: nobody makes another for that person, nor for anyone of a household
that was destroyed as a whole.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

CHANNEL = "academy_keys"
"""Every transaction that destroys a key tells here its id."""

Database = psycopg.Connection[Any]
Row = tuple[str, bytes | None]
"""Key id and wrapped key; None once destroyed."""

_SELECT = "SELECT key_id, wrapped FROM keys WHERE subject = %s"
_SELECT_IDS = "SELECT key_id, wrapped FROM keys WHERE key_id = ANY(%s)"
_INSERT = """
INSERT INTO keys (subject, key_id, wrapped) SELECT %s, %s, %s
WHERE NOT EXISTS (SELECT FROM keys WHERE subject = ANY(%s) AND wrapped IS NULL)
ON CONFLICT (subject) DO NOTHING
"""
_SELECT_MASTER = "SELECT fingerprint, sample FROM master_check"
_INSERT_MASTER = "INSERT INTO master_check (fingerprint, sample) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_UPDATE_MASTER = "UPDATE master_check SET fingerprint = %s, sample = %s"

# Whoever makes a key meanwhile waits, and then sees what was destroyed.
_LOCK = "LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE"
_FIND = """
SELECT subject, key_id, wrapped FROM keys
WHERE (subject = %(whose)s OR starts_with(subject, %(whose)s || '/') OR starts_with(subject, %(whose)s || '@'))
    AND wrapped IS NOT NULL ORDER BY subject
"""
_DESTROY = "UPDATE keys SET wrapped = NULL, destroyed_at = %s WHERE key_id = ANY(%s)"
_BAR = """
INSERT INTO keys (subject, key_id, wrapped, destroyed_at) VALUES (%s, %s, NULL, %s) ON CONFLICT (subject) DO NOTHING
"""
_DATED = "SELECT subject FROM keys WHERE position('@' IN subject) > 0 AND wrapped IS NOT NULL"
_TELL = "SELECT pg_notify(%s, key_id) FROM unnest(%s::text[]) AS told (key_id)"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A key that is gone, and the hash of what it was wrapped as: a proof which one, and no way back to it."""

    subject: str
    key_id: str
    wrapped_sha256: str


def of(database: Database, subject: str) -> Row | None:
    """The subject's row."""
    return _row(database.execute(_SELECT, [subject]).fetchone())


def by_ids(database: Database, key_ids: list[str]) -> list[Row]:
    """The rows that sealed values name, in no order."""
    return database.execute(_SELECT_IDS, [key_ids]).fetchall()


def insert(database: Database, subject: str, key_id: str, wrapped: bytes) -> None:
    """Unless the subject has a row, or is of a person or household that was destroyed."""
    person = subject.partition("@")[0]
    database.execute(_INSERT, [subject, key_id, wrapped, [person, person.partition("/")[0]]])


def destroy(database: Database, subject: str, at: Any) -> list[Destroyed]:
    """Destroy a person's key, or a household's with everybody's of it, and bar new ones; in a transaction."""
    database.execute(_LOCK)
    found = database.execute(_FIND, {"whose": subject}).fetchall()
    ids = [key_id for _whose, key_id, _wrapped in found]
    database.execute(_DESTROY, [at, ids])
    database.execute(_BAR, [subject, secrets.token_urlsafe(12), at])
    database.execute(_TELL, [CHANNEL, ids])
    return [Destroyed(whose, key_id, hashlib.sha256(wrapped).hexdigest()) for whose, key_id, wrapped in found]


def dated(database: Database) -> list[str]:
    """Subjects of a month whose keys are still there."""
    return [subject for (subject,) in database.execute(_DATED)]


def lock(database: Database) -> None:
    """Until the transaction ends nobody makes or destroys a key."""
    database.execute(_LOCK)


def wrapped(database: Database) -> Iterator[tuple[str, bytes]]:
    """Every key that was not destroyed, by id."""
    with database.cursor(name="wrapped_keys") as rows:
        rows.execute("SELECT key_id, wrapped FROM keys WHERE wrapped IS NOT NULL")
        yield from rows


def master(database: Database) -> tuple[str, bytes] | None:
    """Fingerprint and sample of the master that wrapped everything here."""
    row: tuple[str, bytes] | None = database.execute(_SELECT_MASTER).fetchone()
    return row


def claim_master(database: Database, fingerprint: str, sample: bytes) -> None:
    """Leave both, where nobody did before."""
    database.execute(_INSERT_MASTER, [fingerprint, sample])


def change_master(database: Database, fingerprint: str, sample: bytes) -> None:
    """Leave both in place of the former."""
    database.execute(_UPDATE_MASTER, [fingerprint, sample])


def _row(found: Any) -> Row | None:
    row: Row | None = found
    return row
