"""Engines whose every connection looks for tables in one schema."""

from collections.abc import Mapping
from threading import Lock

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine, QueuePool, create_engine

from runtime.bounded import CONNECT_S, Bounded

_decode = msgspec.json.decode  # three times as fast as the standard library's
_READ_ONLY = {"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read"}
_PING_S = 1.0  # a server that is there says so within milliseconds
_TURN_S = 2.0  # who gets no connection in this time is told to come again
_POOL = 5  # reads take milliseconds; more connections only wait for the same cores


def reading(dsn: str, schema_name: str, statement_seconds: float, pool: int = _POOL) -> Engine:
    """An engine of read-only transactions, each on one snapshot, whose statements end after a while.

    Where Postgres is away or says nothing, a caller hears so within about five seconds.
    """
    options = _READ_ONLY | {"statement_timeout": f"{round(statement_seconds * 1000)}"}
    return create_engine(
        "postgresql+psycopg://",
        creator=_Door(in_schema(dsn, schema_name, options), statement_seconds).open,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=_TURN_S,
        pool_pre_ping=True,
        json_deserializer=_decode,
    )


def size(engine: Engine) -> int:
    """How many connections it has at most."""
    return engine.pool.size() if isinstance(engine.pool, QueuePool) else _POOL


def in_schema(dsn: str, schema_name: str, options: Mapping[str, str] | None = None) -> str:
    """The DSN with the schema as its search path and further server settings."""
    given = str(conninfo_to_dict(dsn).get("options") or "")
    ours = {"search_path": schema_name, **(options or {})}
    words = ["-c " + f"{name}={value}".replace(" ", r"\ ") for name, value in ours.items()]
    return make_conninfo(dsn, options=" ".join([given, *words]).strip(), connect_timeout=CONNECT_S)


class _Door:
    """Opens connections; after one that failed one alone is tried at a time, and whoever comes meanwhile is told."""

    def __init__(self, dsn: str, statement_seconds: float) -> None:
        self._dsn, self._seconds = dsn, statement_seconds
        self._closed, self._one = False, Lock()

    def open(self) -> Bounded:
        """A new connection; raises psycopg.OperationalError."""
        if not self._closed:
            return self._open()
        if not self._one.acquire(blocking=False):
            raise psycopg.OperationalError("Postgres did not answer a moment ago")
        try:
            return self._open()
        finally:
            self._one.release()

    def _open(self) -> Bounded:
        try:
            made = Bounded.opened(self._dsn, self._seconds)
        except psycopg.OperationalError:
            self._closed = True
            raise
        set_json_loads(_decode, made)  # for statements that go to the driver itself, too
        self._closed, made.idle_seconds = False, _PING_S
        return made
