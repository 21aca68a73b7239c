"""Folders of broker and database as a stopped preparation, another release or a hand left them."""

import json
import subprocess
from pathlib import Path

import pytest

from infra.local import kafka
from infra.local.errors import DataGoneError, FormatFailedError, OtherVersionError
from infra.local.jars import KAFKA_VERSION
from infra.local.kafka import Broker
from infra.local.layout import Layout
from infra.local.postgres import Server, layout_server


@pytest.fixture
def broker(layout: Layout) -> Broker:
    return Broker(layout.kafka, (Path("kafka.jar"),), 29092, 29093)


@pytest.fixture
def server(layout: Layout) -> Server:
    return Server(layout.postgres, "secret", 25432, None)


def complete_kafka(broker: Broker, version: str) -> None:
    (broker.home / "data").mkdir()
    (broker.home / "data" / "meta.properties").touch()
    (broker.home / "formatted.json").write_text(json.dumps({"kafka": version, "cluster": "c"}))


def complete_postgres(server: Server, major: str) -> None:
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text(f"{major}\n")
    (server.home / "initialised").write_text(f"{major}.1")


def test_a_half_formatted_broker_is_formatted_anew(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    half = broker.home / "data" / "bootstrap.checkpoint"
    half.parent.mkdir()
    half.touch()
    done = subprocess.CompletedProcess((), 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert broker.format({})
    assert not half.exists()
    assert json.loads((broker.home / "formatted.json").read_text())["kafka"] == KAFKA_VERSION


def test_a_format_that_fails_leaves_no_marker(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess((), 1, "", "no space left on device")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(FormatFailedError, match=r"Kafka could not prepare .*: no space left on device"):
        broker.format({})
    assert not (broker.home / "formatted.json").exists()


@pytest.mark.parametrize("version", ["4.3.1", "4.2.0", "3.9.1"])
def test_a_broker_of_this_or_an_older_kafka_is_kept(broker: Broker, version: str) -> None:
    complete_kafka(broker, version)
    assert not broker.format({})


def test_a_broker_of_a_newer_kafka_is_refused(broker: Broker) -> None:
    complete_kafka(broker, "4.10.0")
    with pytest.raises(OtherVersionError, match=r"written by Kafka 4\.10\.0 and this is 4\.3\.1"):
        broker.format({})


def test_a_complete_broker_without_its_data_is_not_formatted_over(broker: Broker) -> None:
    complete_kafka(broker, KAFKA_VERSION)
    (broker.home / "data" / "meta.properties").unlink()
    with pytest.raises(DataGoneError, match="put the data back"):
        broker.format({})


def test_cluster_ids_are_sixteen_bytes_and_safe_on_a_command_line() -> None:
    ids = {kafka._cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(one) == 22 and "-" not in one for one in ids)


def test_a_half_made_database_is_made_anew(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    half = server.data / "base"
    half.mkdir(parents=True)
    done = subprocess.CompletedProcess((), 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert server.prepare({})
    assert not half.exists()
    assert not (server.home / "given-password").exists()


def test_a_database_of_another_major_is_refused(server: Server) -> None:
    complete_postgres(server, "17")
    with pytest.raises(OtherVersionError, match="written by PostgreSQL 17 and this is 18"):
        server.prepare({})


def test_a_complete_database_without_its_data_is_not_made_anew(server: Server) -> None:
    complete_postgres(server, "18")
    (server.data / "PG_VERSION").unlink()
    with pytest.raises(DataGoneError):
        server.prepare({})


@pytest.mark.parametrize("pid", ["1", "4194305", "what"])
def test_the_lock_of_a_server_that_is_gone_is_dropped(server: Server, pid: str) -> None:
    complete_postgres(server, "18")
    lock = server.data / "postmaster.pid"
    lock.write_text(f"{pid}\n{server.data}\n")
    assert not server.prepare({})
    assert not lock.exists()


def test_a_lost_password_is_not_replaced_under_a_living_database(layout: Layout) -> None:
    made = layout_server(layout, 25432)
    assert layout_server(layout, 25432).password == made.password
    (made.home / "initialised").write_text("18.6.3")
    layout.postgres_password.unlink()
    with pytest.raises(DataGoneError):
        layout_server(layout, 25432)
