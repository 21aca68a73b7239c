"""Keys of the people in the log, one per subject, in Postgres and outside the log; destroying one erases."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import psycopg
from cryptography.exceptions import InvalidTag
from psycopg import sql

from runtime.checks import await_postgres
from runtime.errors import Misconfigured, NotReady, RuntimeFault
from runtime.master import derived, fingerprint, master_of, unwrap, wrap
from runtime.origin import agree
from runtime.settings import Settings
from schemas.sealed import Key, new_key

T = TypeVar("T")

_SELECT = "SELECT key_id, wrapped FROM keys WHERE subject = %s"
_INSERT = "INSERT INTO keys (subject, key_id, wrapped) VALUES (%s, %s, %s) ON CONFLICT (subject) DO NOTHING"
_SELECT_ID = "SELECT key_id, wrapped FROM keys WHERE key_id = %s"
_SELECT_MASTER = "SELECT fingerprint, sample FROM master_check"
_INSERT_MASTER = "INSERT INTO master_check (fingerprint, sample) VALUES (%s, %s) ON CONFLICT DO NOTHING"

SAMPLE = "master_check"
CACHED = 50_000
"""Keys held in memory, about 300 bytes each: the households of one partition's day."""
PAUSE_S = 1.0
"""After Postgres was away nobody asks it again for so long: callers get their 503 at once."""
_OPTIONS = "-c statement_timeout=3000 -c lock_timeout=3000"
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


Database = psycopg.Connection[Any]


class Erased(RuntimeFault):
    """The subject's key was destroyed; nothing can be sealed for them or opened any more."""


class Keyring(Protocol):
    """What sealing and opening need; `Keys` is the one over Postgres."""

    def of(self, subject: str) -> Key:
        """The subject's key, created if absent; raises NotReady, or Erased."""

    def held(self, subject: str) -> Key | None:
        """The subject's key if memory has it: never waits."""

    def by_id(self, key_id: str) -> Key | None:
        """The key that a sealed value names; None if nobody holds it any more. Raises NotReady."""

    def reachable(self) -> bool:
        """Whether keys that memory does not hold can be had."""


class DerivingKeyring(Keyring, Protocol):
    """One that has keys for other uses, too."""

    def derived(self, label: str) -> bytes:
        """32 bytes for a use other than sealing, from the master key: the same after a restart and at every copy."""


def household(lead_id: str) -> str:
    """Subject of what belongs to the household as a whole."""
    return lead_id


def guardian(lead_id: str, guardian_id: str) -> str:
    """Subject of an adult of the household."""
    return f"{lead_id}/g/{guardian_id}"


def child(lead_id: str, child_id: str) -> str:
    """Subject of a child of the household."""
    return f"{lead_id}/c/{child_id}"


class Keys:
    """The keyring over the tables `keys` and `master_check`; safe to share between threads.

    Connects at the first need. Raises NotReady while Postgres is away and memory does not hold the key, and
    Misconfigured if the keys there were wrapped under another master key.
    """

    def __init__(self, settings: Settings, *, cached: int = CACHED) -> None:
        if settings.postgres is None:
            raise Misconfigured(
                "ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database"
            )
        self._dsn, self._schema = settings.postgres.get_secret_value(), settings.schema_name
        self._master = master_of(settings)
        self._by_subject, self._by_id = _Recent(cached), _Recent(cached)
        self._lock = threading.Lock()
        self._connection: Database | None = None
        self._away_until = 0.0

    def of(self, subject: str) -> Key:
        """The subject's key; a new one is committed before it is returned."""
        key = self._by_subject.get(subject) or self._ask(lambda database: self._of(database, subject))
        if key is None:
            raise Erased(f"the key of {subject} was destroyed")
        return self._keep(subject, key)

    def held(self, subject: str) -> Key | None:
        """The subject's key if memory has it: never waits."""
        return self._by_subject.get(subject)

    def by_id(self, key_id: str) -> Key | None:
        """The key that a sealed value names; None if it was destroyed or never was here."""
        key = self._by_id.get(key_id)
        if key is None:
            key = self._ask(lambda database: self._opened(database.execute(_SELECT_ID, [key_id]).fetchone()))
        if key is not None:
            self._by_id.put(key_id, key)
        return key

    def reachable(self) -> bool:
        """Whether Postgres answers under the right master key."""
        try:
            self._ask(lambda database: database.execute("SELECT 1"))
        except NotReady:
            return False
        return True

    def derived(self, label: str) -> bytes:
        """32 bytes for a use other than sealing, from the master key: the same after a restart and at every copy."""
        return derived(self._master, label)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _keep(self, subject: str, key: Key) -> Key:
        self._by_subject.put(subject, key)
        self._by_id.put(key.key_id, key)
        return key

    def _of(self, database: Database, subject: str) -> Key | None:
        row = database.execute(_SELECT, [subject]).fetchone()
        if row is None:
            key = new_key(secrets.token_urlsafe(12))
            database.execute(_INSERT, [subject, key.key_id, wrap(self._master, key.key_id, key.aes)])
            row = database.execute(_SELECT, [subject]).fetchone()
        return self._opened(row)

    def _opened(self, row: tuple[str, bytes | None] | None) -> Key | None:
        key_id, wrapped = row or ("", None)
        if wrapped is None:
            return None
        try:
            return Key(key_id, unwrap(self._master, key_id, wrapped))
        except InvalidTag:
            raise Misconfigured(
                f"key {key_id} was not wrapped by master key {fingerprint(self._master)}: "
                "its row was changed or comes from another installation"
            ) from None

    def _ask(self, question: Callable[[Database], T]) -> T:
        with self._lock:
            if time.monotonic() < self._away_until:
                raise NotReady("Postgres did not answer a moment ago")
            try:
                return self._try(question)
            except psycopg.errors.UndefinedTable:
                self._drop()
                raise NotReady(
                    f"schema {self._schema} has no table of keys yet; run: academy db migrate"
                ) from None
            except _AWAY as error:
                self._drop()
                self._away_until = time.monotonic() + PAUSE_S
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
        database = psycopg.connect(self._dsn, autocommit=True, connect_timeout=3, options=_OPTIONS)
        try:
            database.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self._schema)))
            self._check_master(database)
        except BaseException:
            database.close()
            raise
        return database

    def _check_master(self, database: Database) -> None:
        """The first user leaves the master key's fingerprint and a sample; everyone later must match them."""
        own = fingerprint(self._master)
        row = database.execute(_SELECT_MASTER).fetchone()
        if row is None:
            database.execute(_INSERT_MASTER, [own, wrap(self._master, SAMPLE, SAMPLE.encode())])
            row = database.execute(_SELECT_MASTER).fetchone()
        known, sample = row or ("", b"")
        try:
            unwrap(self._master, SAMPLE, sample)
        except InvalidTag:
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


class _Recent:
    """The keys used last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._keys: OrderedDict[str, Key] = OrderedDict()

    def get(self, name: str) -> Key | None:
        with self._lock:
            if name in self._keys:
                self._keys.move_to_end(name)
            return self._keys.get(name)

    def put(self, name: str, key: Key) -> None:
        with self._lock:
            self._keys[name] = key
            self._keys.move_to_end(name)
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)
