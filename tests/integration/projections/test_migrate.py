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
from projections.metadata import METADATA
from projections.migrate import config, upgrade


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
        assert [name for (name,) in checks] == [
            "master_check_one_row",
            "origin_one_row",
        ]  # which Alembic does not compare
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


FIRST_LEADS = """
INSERT INTO leads (lead_id, status, partition, record_offset, decision_id, scheduled_for, folded) VALUES
    ('open', 'interested', 3, 17, 'd1', '2026-09-08T15:00Z', '{"reviews": [{"kind": "held", "event_id": "e1"}],
     "in_force": {"decision_id": "d1", "executed_action": null}}'),
    ('done', 'interested', 3, 18, 'd2', '2026-09-08T15:00Z', '{"reviews": [],
     "in_force": {"decision_id": "d2", "executed_action": "gentle_nudge"}}'),
    ('bare', NULL, NULL, NULL, NULL, NULL, NULL)
"""


def test_the_steps_add_to_the_first_and_keep_its_rows(postgres: str, schema: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(in_schema(postgres, schema))
    )
    with engine.begin() as first:
        command.upgrade(config({"connection": first}), "0001")
        first.execute(text("INSERT INTO positions VALUES ('projections', 'leads', 0, 7)"))
        first.exec_driver_sql(FIRST_LEADS)
    engine.dispose()
    before = tables_of(postgres, schema)

    upgrade(postgres, schema)

    assert tables_of(postgres, schema) - before == {
        *("policies", "lead_states", "origin", "erasures"),
        *("contacts", "readings", "status_steps", "dead_letters", "lead_search", "lead_counts"),
    }
    with psycopg.connect(in_schema(postgres, schema)) as connection:
        assert connection.execute("SELECT next_offset FROM positions").fetchall() == [(7,)]
        rows = connection.execute(
            "SELECT lead_id, guardians_offset, campaign_goal_offset, reviews -> 0 ->> 'kind', executed_id,"
            " extract(year FROM contact_at) FROM leads"
        )
        assert {row[0]: row[1:] for row in rows} == {
            "open": (17, 17, "held", None, 2026),
            "done": (18, 18, None, "d2", 9999),
            "bare": (None, None, None, None, 9999),
        }
        states = connection.execute("SELECT lead_id, folded -> 'in_force' ->> 'decision_id' FROM lead_states")
        assert dict(states.fetchall()) == {"open": "d1", "done": "d2"}
        counts = "SELECT status, leads FROM lead_counts WHERE relation = 'leads'::regclass"
        assert sorted(connection.execute(counts).fetchall()) == [("interested", 1), ("interested", 1)]


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
