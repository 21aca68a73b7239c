"""Whether a machine has a Docker engine is asked quickly and quietly; its broker is the one of compose.yaml."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests import servers
from tests.servers import COMPOSE, broker_environment, embedded, engine_away, given


@contextmanager
def _engine(path: Path, answer: bytes | None) -> Iterator[None]:
    """A socket that answers one question, or is silent."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                if answer is None:
                    connection.recv(1024)  # until the other side gives up
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{made}")
    return made


def test_an_engine_that_answers_is_there(path: Path) -> None:
    with _engine(path, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"):
        assert engine_away() is None


def test_one_that_refuses_is_not(path: Path) -> None:
    with _engine(path, b"HTTP/1.1 403 Forbidden\r\n\r\n"):
        assert "no Docker engine that serves" in str(engine_away())


def test_one_that_hangs_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "PING_SECONDS", 0.05)
    with _engine(path, None):
        begun = time.monotonic()

        assert "timed out" in str(engine_away())
        assert time.monotonic() - begun < 1


def test_without_a_socket_the_reason_names_it(path: Path) -> None:
    assert str(path) in str(engine_away())


def test_an_engine_elsewhere_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example:2376")

    assert "not reached by a socket of this machine" in str(engine_away())


def test_the_environment_wins_over_an_engine(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = [start for start, away in servers.KINDS.items() if away() is None]
    assert started[-1] is embedded

    monkeypatch.setenv("ACADEMY_KAFKA", "broker:9092")

    assert next(start for start, away in servers.KINDS.items() if away() is None) is given


def test_the_broker_is_that_of_compose() -> None:
    composed = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["kafka"]["environment"]
    # What only a laptop's or a test's patience asks for, and what only a volume does.
    own = {"KAFKA_LOG_DIRS"}
    ours = broker_environment("kafka:9092")

    assert {name: value for name, value in composed.items() if ours.get(name) != value}.keys() == own
