"""Postgres goes away and comes back; readers cost it no more than they may."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from infra.local.ports import free_ports
from projections.api.app import build, database
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from runtime.keys import Keys
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.projections.api.client import Client


@contextmanager
def relay(port: int, to: tuple[str, int]) -> Iterator[None]:
    """Pass connections on while the context lasts; its end cuts them all."""
    listener = socket.create_server(("127.0.0.1", port))
    ends: list[socket.socket] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(to)
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for end in (listener, *ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_read_fails_as_503_while_postgres_is_away_and_works_when_it_is_back(
    settings: ApiSettings, keys: Keys, sink: Sink
) -> None:
    (port,) = free_ports(1)
    where = sink.database.info
    dsn = f"postgresql://{where.user}:{where.password}@127.0.0.1:{port}/{where.dbname}"
    engine = database(settings.model_copy(update={"postgres": SecretStr(dsn)}))
    client = Client(build(settings, engine, keys, MemorySink()))

    assert (client.get("/api/leads").status_code, client.get("/readyz").status_code) == (503, 503)
    for _ in range(2):
        with relay(port, (where.host, where.port)):
            assert (client.get("/api/leads").status_code, client.get("/readyz").status_code) == (200, 200)
        assert (client.get("/api/leads").status_code, client.get("/readyz").status_code) == (503, 503)
    engine.dispose()


def test_connections_that_broke_meanwhile_are_replaced_unseen(
    client: Client, sink: Sink, schema: str
) -> None:
    assert client.get("/api/leads").status_code == 200

    sink.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database() AND backend_type = 'client backend'"
    )

    assert client.get("/api/leads").status_code == 200


def test_a_slow_statement_is_ended(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(30)"))


def test_nothing_can_be_written(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="read-only transaction"):
        connection.execute(text("DELETE FROM leads"))


def test_a_request_reads_one_snapshot(engine: Engine, sink: Sink) -> None:
    count = text("SELECT count(*) FROM positions")
    with engine.connect() as connection:
        before = connection.scalar(count)
        sink.database.execute("INSERT INTO positions VALUES ('p', 't', 0, 0)")
        assert connection.scalar(count) == before


def test_without_tables_it_is_not_ready(settings: ApiSettings, keys: Keys) -> None:
    elsewhere = settings.model_copy(update={"topic_prefix": "nowhere-"})
    engine = database(elsewhere)

    assert Client(build(elsewhere, engine, keys, MemorySink())).get("/readyz").status_code == 503
    engine.dispose()


def test_options_of_the_dsn_are_kept() -> None:
    dsn = in_schema("postgresql://127.0.0.1/x?options=-c%20jit%3Doff", "academy", {"lock_timeout": "1 s"})

    assert r"-c jit=off -c search_path=academy -c lock_timeout=1\\ s" in dsn
