"""Broker and database do what the system needs of them, wherever they come from."""

from collections.abc import Iterator

import psycopg
import pytest

from infra import topics
from infra.configuration import configure, current
from infra.local.stack import Addresses
from projections.migrate import upgrade
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.servers import KINDS, Servers

AWAY = {start: away() for start, away in KINDS.items()}
CHOSEN = next(start for start, reason in AWAY.items() if reason is None)
EACH = [
    pytest.param(start, id=start.__name__, marks=[pytest.mark.skip(reason)] if reason else [])
    for start, reason in AWAY.items()
]


@pytest.fixture(scope="module", params=EACH)
def stack(request: pytest.FixtureRequest) -> Iterator[Addresses]:
    """In place of the run's own, which serves here, too, for the kind that it is of."""
    start: Servers = request.param
    if start is CHOSEN:
        yield request.getfixturevalue("stack")
        return
    with start() as addresses:
        yield addresses


def test_the_catalogue_s_topics_are_as_asked(settings: Settings) -> None:
    assert topics.plan(settings, await_kafka(settings)) == []


def test_a_transaction_is_read_back(settings: Settings) -> None:
    assert current(settings) is None

    written = configure(settings)

    assert current(settings) == written


def test_the_schema_is_made_on_a_postgres_that_we_support(settings: Settings) -> None:
    assert settings.postgres is not None
    dsn = settings.postgres.get_secret_value()

    upgrade(dsn, settings.schema_name)

    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.info.server_version >= 16_00_00
        tables = connection.execute(
            "select count(*) from information_schema.tables where table_schema = %s", [settings.schema_name]
        ).fetchone()
        connection.execute(f'drop schema "{settings.schema_name}" cascade')
    assert tables is not None
    assert tables[0] > 5
