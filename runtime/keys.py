"""Keys of the people in the log, one per subject, in Postgres and outside the log; destroying one erases."""

import secrets
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

import psycopg

from domain import subjects
from runtime import key_table
from runtime.bounded import Bounded
from runtime.checks import await_postgres
from runtime.errors import Misconfigured, NotReady, RuntimeFault
from runtime.key_cache import Recent
from runtime.key_table import Database
from runtime.key_watch import Watch
from runtime.master import Master, NotWrapped, master_of
from runtime.origin import agree
from runtime.retention import Retention, retention_of
from runtime.settings import Settings
from schemas.sealed import Key, new_key

T = TypeVar("T")
SAMPLE = "master_check"
CACHED = 50_000
"""Keys held in memory, about 300 bytes each: the households of one partition's day."""
PAUSE_S = 1.0  # after nobody answered nobody is asked again for so long: callers get their 503 at once
_STATEMENT_S = 3
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class Erased(RuntimeFault):
    """The subject's key was destroyed; nothing can be sealed for them or opened any more."""


class Keyring(Protocol):
    """What sealing and opening need; `Keys` is the one over Postgres."""

    retention: Retention
    """Whose key seals which words."""

    def of(self, subject: str) -> Key:
        """The subject's key, created if absent; raises NotReady, or Erased."""

    def held(self, subject: str) -> Key | None:
        """The subject's key if memory has it: never waits."""

    def by_id(self, key_id: str) -> Key | None:
        """The key that a sealed value names; None if nobody holds it any more. Raises NotReady."""

    def by_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        """Many of them by one question, those that nobody holds any more left out. Raises NotReady."""

    def reachable(self) -> bool:
        """Whether keys that memory does not hold can be had."""


def household(lead_id: str) -> str:
    """Subject of what belongs to the household as a whole."""
    return lead_id


def guardian(lead_id: str, guardian_id: str) -> str:
    """Subject of an adult of the household."""
    return f"{lead_id}/{subjects.guardian(guardian_id)}"


def child(lead_id: str, child_id: str) -> str:
    """Subject of a child of the household."""
    return f"{lead_id}/{subjects.child(child_id)}"


class Keys:
    """The keyring over the tables `keys` and `master_check`; safe to share between threads.

    Connects at the first need. Raises NotReady while Postgres is away and memory does not hold the key, and
    Misconfigured if the keys there were wrapped under another master key.
    """

    def __init__(self, settings: Settings, *, cached: int = CACHED) -> None:
        if settings.postgres is None:
            raise Misconfigured("ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded one")
        self.retention = retention_of(settings)
        self._dsn, self._schema = settings.postgres.get_secret_value(), settings.schema_name
        self._master_of: Callable[[], Master] = lambda: master_of(settings)
        self._master = self._master_of()
        self._by_subject, self._by_id = Recent(cached), Recent(cached)
        self._watch: Watch | None = None
        self._heard = 0  # of destroyed keys; what was asked for before one was heard of is not kept after it
        self._lock = threading.Lock()
        self._connection: Database | None = None
        self._away_until = 0.0

    def of(self, subject: str) -> Key:
        """The subject's key; a new one is committed before it is returned."""
        known, heard = self._by_subject.get(subject), self._heard
        key = known or self._ask(lambda database: self._of(database, subject))
        if key is None:
            raise Erased(f"the key of {subject} was destroyed")
        if known is None and heard == self._heard:
            self._by_subject.put(subject, key)
            self._by_id.put(key.key_id, key)
        return key

    def held(self, subject: str) -> Key | None:
        """The subject's key if memory has it: never waits."""
        return self._by_subject.get(subject)

    def by_id(self, key_id: str) -> Key | None:
        """The key that a sealed value names; None if it was destroyed or never was here."""
        return self.by_ids((key_id,)).get(key_id)

    def by_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        """Those of the keys that are here, by id: memory's, and the others by one question."""
        found = {key_id: key for key_id in key_ids if (key := self._by_id.get(key_id))}
        if lacking := [key_id for key_id in key_ids if key_id not in found]:
            heard = self._heard
            keys = self._ask(lambda database: [*map(self._opened, key_table.by_ids(database, lacking))])
            for key in filter(None, keys):
                found[key.key_id] = key
                if heard == self._heard:
                    self._by_id.put(key.key_id, key)
        return found

    def hears(self, seconds: float) -> bool:
        """Whether it would hear of a key that is destroyed, or does so within so many seconds."""
        return self._watch is not None and self._watch.listens(seconds)

    def reachable(self) -> bool:
        """Whether Postgres answers under the right master key."""
        try:
            self._ask(lambda database: database.execute("SELECT 1"))
        except NotReady:
            return False
        return True

    def derived(self, label: str) -> bytes:
        """As `DerivingKeyring` says it."""
        return self._master.derived(label)

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            self._drop()
            if self._watch is not None:
                self._watch.close()

    def _of(self, database: Database, subject: str) -> Key | None:
        row = key_table.of(database, subject)
        if row is None:
            key = new_key(secrets.token_urlsafe(12))
            key_table.insert(database, subject, key.key_id, self._master.wrap(key.key_id, key.aes))
            row = key_table.of(database, subject)
        return self._opened(row)

    def _opened(self, row: key_table.Row | None) -> Key | None:
        key_id, wrapped = row or ("", None)
        if wrapped is None:
            return None
        try:
            return Key(key_id, self._unwrapped(key_id, wrapped))
        except NotWrapped as wrong:
            raise Misconfigured(f"{wrong}: its row was changed or comes from another installation") from None

    def _unwrapped(self, key_id: str, wrapped: bytes) -> bytes:
        """Where the master was changed since, the new one is looked up once."""
        try:
            return self._master.unwrap(key_id, wrapped)
        except NotWrapped:
            self._master = self._master_of()
            return self._master.unwrap(key_id, wrapped)

    def _ask(self, question: Callable[[Database], T]) -> T:
        with self._lock:
            if time.monotonic() < self._away_until:
                raise NotReady("Postgres, or who keeps the master key, did not answer a moment ago")
            try:
                return self._try(question)
            except psycopg.errors.UndefinedTable:
                self._drop()
                raise NotReady(f"schema {self._schema} has no keys yet; run: academy db migrate") from None
            except (*_AWAY, NotReady) as error:
                self._drop()
                self._away_until = time.monotonic() + PAUSE_S
                if isinstance(error, NotReady):
                    raise
                raise NotReady(f"Postgres does not answer ({type(error).__name__})") from None

    def _try(self, question: Callable[[Database], T]) -> T:
        """Ask; a connection that broke since the last question is replaced once."""
        if self._connection is not None:
            try:
                return question(self._connection)
            except _AWAY:
                self._drop()
        self._connection = self._connect()
        return question(self._connection)

    def _connect(self) -> Database:
        options = f"-c statement_timeout={_STATEMENT_S}s -c lock_timeout={_STATEMENT_S}s -c search_path={self._schema}"
        database = Bounded.opened(self._dsn, _STATEMENT_S, autocommit=True, options=options)
        try:
            self._check_master(database)
        except BaseException:  # whatever it is, the connection is not left open; raised again
            database.close()
            raise
        self._watch = self._watch or Watch(self._dsn, self._forget, self._forget_all)
        return database

    def _forget(self, key_id: str) -> None:
        self._heard += 1
        self._by_subject.drop(key_id)
        self._by_id.drop(key_id)

    def _forget_all(self) -> None:
        self._heard += 1
        self._by_subject.clear()
        self._by_id.clear()

    def _check_master(self, database: Database) -> None:
        """The first user leaves the master key's fingerprint and a sample; everyone later must match them."""
        own = self._master.fingerprint
        found = key_table.master(database)
        if found is None:
            key_table.claim_master(database, own, self._master.wrap(SAMPLE, SAMPLE.encode()))
            found = key_table.master(database)
        known, sample = found or ("", b"")
        try:
            self._unwrapped(SAMPLE, sample)
        except NotWrapped:
            raise Misconfigured(
                f"the keys in schema {self._schema} are wrapped under master key {known}, ours is {own}; put the "
                "file of the former in its place or name it in ACADEMY_MASTER_KEY_FILE"
            ) from None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def answering(settings: Settings) -> Keys:
    """The keyring over a Postgres that answers: a wrong master key is told at the start, not at the first call."""
    await_postgres(settings)
    agree(settings)
    keys = Keys(settings)
    keys.reachable()
    return keys
