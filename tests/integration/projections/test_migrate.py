"""The schema's history against a real Postgres."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine, text

from projections.connections import in_schema
from projections.migrate import config, upgrade
from projections.tables import METADATA


def tables_of(dsn: str, schema: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema]
        )
        return {name for (name,) in rows}


def test_models_and_migrations_do_not_drift(postgres: str, schema: str) -> None:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(in_schema(postgres, schema))
    )
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "schema_version", "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []
        checks = connection.execute(
            text(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = to_regnamespace(:name)"
            ),
            {"name": schema},
        )
        assert [name for (name,) in checks] == ["master_check_one_row"]  # which Alembic does not compare
    engine.dispose()


def test_everything_lives_in_the_prefixs_schema(postgres: str, schema: str) -> None:
    assert tables_of(postgres, schema) == {*METADATA.tables, "schema_version"}
    assert not tables_of(postgres, "public") & {*METADATA.tables, "schema_version"}


def test_a_second_upgrade_changes_nothing_and_keeps_rows(postgres: str, schema: str) -> None:
    with psycopg.connect(in_schema(postgres, schema)) as connection:
        connection.execute("INSERT INTO positions VALUES ('projections', 'leads', 0, 7)")

    upgrade(postgres, schema)

    with psycopg.connect(in_schema(postgres, schema)) as connection:
        assert connection.execute("SELECT next_offset FROM positions").fetchall() == [(7,)]


def test_the_second_step_adds_to_the_first_and_keeps_its_rows(postgres: str, schema: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(in_schema(postgres, schema))
    )
    with engine.begin() as first:
        command.upgrade(config({"connection": first}), "0001")
        first.execute(text("INSERT INTO positions VALUES ('projections', 'leads', 0, 7)"))
    engine.dispose()
    before = tables_of(postgres, schema)

    upgrade(postgres, schema)

    assert tables_of(postgres, schema) - before == {"policies"}
    with psycopg.connect(in_schema(postgres, schema)) as connection:
        assert connection.execute("SELECT next_offset FROM positions").fetchall() == [(7,)]


def test_starts_at_once_do_not_collide(postgres: str, schema: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(upgrade, postgres, schema) for _ in range(4)]:
            done.result(60)

    assert tables_of(postgres, schema) == {*METADATA.tables, "schema_version"}


def test_the_master_check_has_one_row(postgres: str, schema: str) -> None:
    insert = "INSERT INTO master_check (fingerprint, sample) VALUES ('a', 'b')"
    with psycopg.connect(in_schema(postgres, schema), autocommit=True) as connection:
        connection.execute(insert)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(insert)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO master_check VALUES (false, %s, %s)", ("a", b"b"))
