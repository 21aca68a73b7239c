"""A real Postgres for the session, and a migrated schema of its own for each test."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.postgres import layout_server
from infra.local.supervisor import Supervisor
from projections import search
from projections.api.settings import ApiSettings
from projections.migrate import upgrade
from projections.search_words import hasher
from projections.service import build
from runtime.keys import Keys
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import SECRET

ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
DEADLINE = 60.0


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of `ACADEMY_POSTGRES`, or of the embedded server."""
    given = os.environ.get("ACADEMY_POSTGRES")
    if given:
        yield given
        return
    layout = Layout.at(tmp_path_factory.mktemp("postgres") / "data")
    layout.make()
    try:
        server = layout_server(layout, free_ports(1)[0])
        server.prepare(ENVIRONMENT)
        with Supervisor(layout.logs) as supervisor:
            supervisor.start([server.child(ENVIRONMENT, DEADLINE)])
            yield server.dsn
    finally:
        hold.remove_all(layout)


@pytest.fixture
def prefix() -> str:
    return f"t{secrets.token_hex(4)}-"


@pytest.fixture
def settings(postgres: str, prefix: str, tmp_path: Path) -> ApiSettings:
    master = tmp_path / "master.key"
    master.touch(mode=0o600)
    master.write_text(secrets.token_hex(64))
    return ApiSettings.model_validate(
        {
            "postgres": SecretStr(postgres),
            "topic_prefix": prefix,
            "master_key_file": master,
            "data_dir": tmp_path,
            "tokens": SecretStr(f"reader:{SECRET}:read+analyse"),
            "read_seconds": 1.0,
        }
    )


@pytest.fixture
def schema(postgres: str, settings: ApiSettings) -> Iterator[str]:
    upgrade(postgres, settings.schema_name)
    yield settings.schema_name
    with psycopg.connect(postgres) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(settings.schema_name)))


@pytest.fixture
def keys(settings: ApiSettings, schema: str) -> Iterator[Keys]:
    ring = Keys(settings)
    yield ring
    ring.close()


@pytest.fixture
def sink(postgres: str, schema: str, settings: ApiSettings, keys: Keys) -> Iterator[Sink]:
    with Sink(postgres, schema, [*build(), search.view(keys, hasher(keys))]) as opened:
        yield opened
