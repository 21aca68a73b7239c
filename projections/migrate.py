"""Brings one prefix's Postgres schema to the newest version."""

from functools import partial
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text

from projections.connections import in_schema


def upgrade(dsn: str, schema_name: str) -> None:
    """Create the schema if it is missing and apply every step that it lacks, in one transaction.

    Safe to repeat and to start twice at once: the second waits for the first.
    """
    creator = partial(psycopg.connect, in_schema(dsn, schema_name))
    engine = create_engine("postgresql+psycopg://", creator=creator, poolclass=NullPool)
    with engine.begin() as connection:
        # Held to the transaction's end; "create schema if not exists" alone can collide with itself.
        connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"migrate {schema_name}"},
        )
        connection.execute(text(f'create schema if not exists "{schema_name}"'))
        command.upgrade(config({"connection": connection}), "head")


def config(attributes: dict[str, object] | None = None) -> Config:
    """Alembic's configuration, from where this package is installed."""
    settings = Config(attributes=attributes or {})
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings
