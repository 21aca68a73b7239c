"""A Postgres that takes questions and says nothing: a caller hears soon that it is away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from pydantic import SecretStr

from projections.api.app import build, database
from projections.api.settings import ApiSettings
from projections.connections import reading
from projections.migrate import upgrade
from runtime.bounded import Bounded
from runtime.errors import NotReady
from runtime.keys import Keys
from tests.database import Database
from tests.database import database as serving
from tests.trail import MemorySink
from tests.unit.projections.api.client import Client

PATIENCE_S = 6.0
"""About five seconds are promised; a busy machine needs some of its own."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with serving(tmp_path_factory.mktemp("hung")) as made:
        yield made


@pytest.fixture
def own(settings: ApiSettings, server: Database) -> ApiSettings:
    upgrade(server.dsn, settings.schema_name)
    return settings.model_copy(update={"postgres": SecretStr(server.dsn)})


def test_reads_of_a_hung_postgres_are_503_soon_and_work_once_it_goes_on(
    own: ApiSettings, server: Database
) -> None:
    engine, keys = database(own), Keys(own)
    client = Client(build(own, engine, keys, MemorySink()))

    def timed(path: str) -> tuple[int, float]:
        begun = time.monotonic()
        return client.get(path).status_code, time.monotonic() - begun

    paths = ["/api/leads", "/api/queue", "/readyz", "/api/leads/fam-1", "/api/learning/q-table"] * 6
    with ThreadPoolExecutor(len(paths)) as many:
        assert {status for status, _ in many.map(timed, paths)} <= {200, 404}
        with server.frozen():
            for _ in range(2):  # with connections of before, and without any
                found = list(many.map(timed, paths))
                assert {status for status, _ in found} == {503}
                assert max(seconds for _, seconds in found) < PATIENCE_S
        assert timed("/api/leads")[0] == 200
    engine.dispose()
    keys.close()


def test_a_key_that_memory_lacks_is_away_soon_and_one_that_it_holds_is_there(
    own: ApiSettings, server: Database
) -> None:
    keys = Keys(own)
    keys.of("fam-1")
    assert keys.hears(10)  # its watch forgets every key once, when it first listens
    held = keys.of("fam-1")
    with server.frozen():
        begun = time.monotonic()
        assert keys.of("fam-1") == held
        with pytest.raises(NotReady, match="does not answer"):
            keys.of("fam-2")
        assert time.monotonic() - begun < PATIENCE_S
    keys.close()


def test_a_statement_without_an_answer_closes_its_connection(server: Database) -> None:
    connection = Bounded.opened(server.dsn, 0.5)
    assert connection.execute("SELECT 1").fetchone() == (1,)
    with server.frozen(), pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    assert connection.closed


def test_a_statement_that_failed_leaves_its_connection_open(server: Database) -> None:
    with Bounded.opened(server.dsn, 5, options="-c statement_timeout=50") as connection:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(5)")
        assert not connection.closed
        connection.rollback()


def test_one_alone_knocks_at_a_door_that_stays_shut(server: Database) -> None:
    engine = reading(server.dsn, "public", 1.0, pool=4)

    def timed(_number: int) -> float:
        begun = time.monotonic()
        with pytest.raises(Exception, match=r"moment ago|timeout"), engine.connect():
            pass
        return time.monotonic() - begun

    with server.frozen(), ThreadPoolExecutor(4) as many:
        list(many.map(timed, range(4)))
        assert sorted(many.map(timed, range(4)))[2] < 1.0, "the others need not wait"
    engine.dispose()
