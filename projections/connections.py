"""Engines whose every connection looks for tables in one schema."""

from collections.abc import Mapping
from functools import partial

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine

_READ_ONLY = {"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read"}
_CONNECT_S = 3  # a server that is away is told of before a client gives up
_POOL = 5  # reads take milliseconds; more connections only wait for the same cores


def reading(dsn: str, schema_name: str, statement_seconds: float, pool: int = _POOL) -> Engine:
    """An engine of read-only transactions, each on one snapshot, whose statements end after a while."""
    options = _READ_ONLY | {"statement_timeout": f"{round(statement_seconds * 1000)}"}
    return create_engine(
        "postgresql+psycopg://",
        creator=partial(psycopg.connect, in_schema(dsn, schema_name, options)),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=_CONNECT_S,
        pool_pre_ping=True,
    )


def in_schema(dsn: str, schema_name: str, options: Mapping[str, str] | None = None) -> str:
    """The DSN with the schema as its search path and further server settings."""
    given = str(conninfo_to_dict(dsn).get("options") or "")
    ours = {"search_path": schema_name, **(options or {})}
    words = ["-c " + f"{name}={value}".replace(" ", r"\ ") for name, value in ours.items()]
    return make_conninfo(dsn, options=" ".join([given, *words]).strip(), connect_timeout=_CONNECT_S)
