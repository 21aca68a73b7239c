"""A second table beside a view's own: made like it, filled, and put in its place in one transaction."""

import time
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from runtime.errors import NotReady

MARK = "__new"
"""Ends the name of a table that is being filled; what has it and is not being filled is left of a crash."""

READERS_SECONDS = 30.0
"""How long it is waited for reads that began before the new rows were whole; the API ends its own after 5 s."""
LOCK_MS = 300
"""How long reads may queue behind us before they go first once more."""

_GRANTS = """
SELECT DISTINCT privilege_type, CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END
FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = %s::regclass AND grantee <> relowner
"""
_INDEXES = """
SELECT indexrelid::regclass::text, relname, indisunique, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s::regclass AND NOT indisprimary
ORDER BY relname
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname
"""
_PRIMARY = """
SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'
"""
_OLDER = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
AND backend_xmin IS NOT NULL AND xact_start < %(since)s AND pid <> ALL(%(own)s)
AND NOT pg_blocking_pids(pid) && %(own)s::int[]
"""

Database = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """The copy of one table; `name` is the table's own."""

    name: str

    @property
    def copy(self) -> str:
        """Its name while it is being filled."""
        return f"{self.name}{MARK}"

    def of(self, table: sa.Table) -> sa.Table:
        """The table's columns under the copy's name, for statements."""
        return table.to_metadata(sa.MetaData(), name=self.copy)

    def create(self, database: Database) -> None:
        """Empty, with its key and triggers: other indexes are cheaper to make once it is filled."""
        self.drop(database)
        database.execute(
            _sql("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)", self.copy, self.name)
        )
        (key,) = _one(
            database,
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
            self.name,
        )
        database.execute(_sql("ALTER TABLE {} ADD ", self.copy) + sql.SQL(key))
        (options,) = _one(database, "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", self.name)
        for option in options or ():
            database.execute(_sql("ALTER TABLE {} SET (", self.copy) + sql.SQL(f"{option})"))
        for privilege, grantee in database.execute(_GRANTS, [self.name]).fetchall():
            to = sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee)
            database.execute(_sql(f"GRANT {privilege} ON {{}} TO ", self.copy) + to)
        for (definition,) in database.execute(_TRIGGERS, [self.name]).fetchall():
            head, _on, rest = definition.partition(" ON ")
            then = rest.partition(" ")[2]  # behind the table's name
            database.execute(sql.SQL(head) + _sql(" ON {} ", self.copy) + sql.SQL(then))

    def drop(self, database: Database) -> bool:
        """Remove a copy, for nobody reads it; whether there was one."""
        there = _one(database, "SELECT to_regclass(%s) IS NOT NULL", f'"{self.copy}"') == (True,)
        database.execute(_sql("DROP TABLE IF EXISTS {}", self.copy))
        return there

    def index(self, database: Database) -> None:
        """The indexes of the table on the copy, and what the planner knows of its rows."""
        for number, (_place, _name, unique, definition) in enumerate(self._indexes(database)):
            rest = definition.partition(" USING ")[2]
            kind = "CREATE UNIQUE INDEX {} ON {} USING " if unique else "CREATE INDEX {} ON {} USING "
            database.execute(_sql(kind, f"{self.copy}_{number}", self.copy) + sql.SQL(rest))
        database.execute(_sql("VACUUM (ANALYZE) {}", self.copy))

    def swap(self, database: Database) -> None:
        """The copy in the table's place, under the names of the table's indexes; inside the caller's transaction."""
        indexes = self._indexes(database)
        (key,) = _one(database, _PRIMARY, self.name)
        (own,) = _one(database, _PRIMARY, self.copy)
        database.execute(_sql("DROP TABLE {}", self.name))
        database.execute(_sql("ALTER TABLE {} RENAME TO {}", self.copy, self.name))
        database.execute(_sql("ALTER INDEX {} RENAME TO {}", own, key))
        for number, (_place, name, _unique, _definition) in enumerate(indexes):
            database.execute(_sql("ALTER INDEX {} RENAME TO {}", f"{self.copy}_{number}", name))

    def lock(self, database: Database) -> None:
        """Nobody reads the table until the transaction's end; reads that queue behind us go first now and then."""
        deadline = time.monotonic() + READERS_SECONDS
        database.execute(f"SET LOCAL lock_timeout TO {LOCK_MS}")
        while True:
            try:
                with database.transaction():
                    database.execute(_sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", self.name))
            except psycopg.errors.LockNotAvailable:
                if time.monotonic() > deadline:
                    raise NotReady(f"{self.name} is read all the time: stop what reads it for long") from None
                time.sleep(LOCK_MS / 1000)
            else:
                return

    def _indexes(self, database: Database) -> list[tuple[str, str, bool, str]]:
        return database.execute(_INDEXES, [self.name]).fetchall()


def await_readers(database: Database, own: list[int], since: Any) -> None:
    """Until no transaction is left whose snapshot is older: it would not see the rows that came since in the copy.

    Who waits for one of our `own` sessions is not waited for.
    """
    deadline = time.monotonic() + READERS_SECONDS
    given = {"own": own, "since": since}
    while database.execute(_OLDER, given).fetchone() != (0,):
        if time.monotonic() > deadline:
            raise NotReady(
                "a transaction has been open for too long beside us: end it, pg_stat_activity shows it"
            )
        time.sleep(0.02)


def _one(database: Database, query: str, *given: Any) -> tuple[Any, ...]:
    found = database.execute(query.encode(), given).fetchone()
    assert found is not None  # noqa: S101 - each of these queries has a row
    return tuple(found)


def _sql(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
