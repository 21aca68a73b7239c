"""A new master key: every subject's key is wrapped anew in one transaction; the log is not touched.

The new key's file takes the place of the old one before the transaction ends, and the old one is kept beside it: at
whatever moment this is cut short, one of the two files opens everything, and running it again ends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from projections.connections import in_schema
from runtime import key_table
from runtime.errors import Misconfigured
from runtime.keys import SAMPLE
from runtime.master import LocalMaster, Master, NotWrapped, default_master_path, load_master, new_master
from runtime.settings import Settings

Database = psycopg.Connection[Any]
BATCH = 5_000
"""Keys wrapped anew by one statement."""

_REWRAP = """
UPDATE keys SET wrapped = new.wrapped FROM unnest(%s::text[], %s::bytea[]) AS new (key_id, wrapped)
WHERE keys.key_id = new.key_id AND keys.wrapped IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: fingerprints, keys, and the file that the old master key is in now."""

    before: str
    after: str
    keys: int
    kept: Path


def rotate(settings: Settings) -> Rotated:
    """Wrap every key under a new master; raises Misconfigured where it is not a file's, or no file opens the keys."""
    if settings.master_key is not None or settings.master_key_provider is not None:
        raise Misconfigured(
            "the master key is not a file: put it into one and name it in ACADEMY_MASTER_KEY_FILE, rotate, and take "
            "the new one from there; a key management service rotates its own"
        )
    path = settings.master_key_file or default_master_path()
    assert settings.postgres is not None  # noqa: S101 - `connected` gives one
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn) as database:
        key_table.lock(database)
        before = _in_force(database, path)
        kept = path.with_name(f"{path.name}.{before.fingerprint}")
        after = _placed(path, kept, before)
        count = _rewrap(database, before, after)
        key_table.change_master(database, after.fingerprint, after.wrap(SAMPLE, SAMPLE.encode()))
    return Rotated(before.fingerprint, after.fingerprint, count, kept)


def _in_force(database: Database, path: Path) -> LocalMaster:
    """The master that opens the table: the file's, or one that an earlier rotation has set aside."""
    row = key_table.master(database)
    if row is None:
        raise Misconfigured("no key was ever made here: there is nothing to wrap anew")
    files = [path, *sorted(path.parent.glob(f"{path.name}.*"))]
    for file in files:
        if file.exists():
            master = LocalMaster(load_master(file))
            if master.fingerprint == row[0] and _opens(master, row[1]):
                return master
    raise Misconfigured(
        f"no file beside {path} is the master key {row[0]} that wraps the keys; restore its backup"
    )


def _opens(master: Master, sample: bytes) -> bool:
    try:
        return master.unwrap(SAMPLE, sample) == SAMPLE.encode()
    except NotWrapped:
        return False


def _placed(path: Path, kept: Path, before: LocalMaster) -> LocalMaster:
    """The new master in the file of the old one, which is kept beside it; that of a rotation cut short, if one was."""
    if LocalMaster(load_master(path)) != before:
        return LocalMaster(load_master(path))
    if not kept.exists():
        kept.hardlink_to(path)
    fresh = path.with_name(f"{path.name}.next")
    after = new_master(fresh)
    fresh.replace(path)
    return after


def _rewrap(database: Database, before: LocalMaster, after: LocalMaster) -> int:
    count = 0
    for batch in _batches(key_table.wrapped(database)):
        ids = [key_id for key_id, _wrapped in batch]
        anew = [after.wrap(key_id, before.unwrap(key_id, wrapped)) for key_id, wrapped in batch]
        database.execute(_REWRAP, [ids, anew])
        count += len(batch)
    return count


def _batches(rows: Iterator[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    batch = list[tuple[str, bytes]]()
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
