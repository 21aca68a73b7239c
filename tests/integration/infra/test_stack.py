"""The embedded broker and database, for real: reuse, closure, recovery, and external ones instead."""

import json
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from infra.local import hold, jars, status
from infra.local.layout import Layout
from infra.local.probes import kafka_away, postgres_away
from infra.local.stack import Addresses, infrastructure
from runtime.settings import Settings

from .conftest import eventually

# Validated, not read: whoever runs the tests may have set `ACADEMY_KAFKA`.
EMBEDDED = Settings.model_validate({})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    made = Layout.at(tmp_path_factory.mktemp("stack") / "data")
    made.make()
    yield made
    hold.remove_all(made)


@pytest.fixture(scope="module")
def stack(place: Layout) -> Iterator[Addresses]:
    with infrastructure(place, EMBEDDED) as addresses:
        yield addresses


def make_topic(kafka: str, name: str) -> None:
    client = AdminClient({"bootstrap.servers": kafka})
    client.create_topics([NewTopic(name, 2)])[name].result(20)


def pid_of(layout: Layout, name: str) -> int | None:
    return next(row.pid for row in status.read(layout).services if row.name == name)


def test_a_second_start_finds_everything_again_without_fetching(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with infrastructure(layout, EMBEDDED) as first:
        make_topic(first.kafka, "kept")
        with psycopg.connect(first.postgres) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    monkeypatch.setattr(jars, "_fetch_all", lambda *_: pytest.fail("fetched again"))
    with infrastructure(layout, EMBEDDED) as second:
        assert second == first
        assert "kept" in AdminClient({"bootstrap.servers": second.kafka}).list_topics(timeout=20).topics
        with psycopg.connect(second.postgres) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_two_stacks_at_once_do_not_meet(place: Layout, stack: Addresses, layout: Layout) -> None:
    with infrastructure(layout, EMBEDDED) as other:
        assert len({stack.kafka, other.kafka}) == 2
        assert kafka_away(stack.kafka) is kafka_away(other.kafka) is None
        assert status.recorded_pid(layout) == status.recorded_pid(place) == os.getpid()


def test_the_database_is_closed(place: Layout, stack: Addresses) -> None:
    password = place.postgres_password.read_text()
    assert "password authentication failed" in str(postgres_away(stack.postgres.replace(password, "guess")))
    assert password not in place.status.read_text()
    assert password not in repr(stack)
    pid = pid_of(place, "postgres")
    assert pid is not None
    server = psutil.Process(pid)
    assert server.uids().effective != 0
    listeners = [one.laddr for one in server.net_connections("inet") if one.status == psutil.CONN_LISTEN]
    assert [address[0] for address in listeners] == ["127.0.0.1"]
    assert not any(one.laddr for one in server.net_connections("unix"))
    for folder in (place.data_dir, place.postgres, place.postgres / "data"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_transactions_and_the_new_group_protocol_work(stack: Addresses) -> None:
    make_topic(stack.kafka, "hops")
    producer = Producer(
        {"bootstrap.servers": stack.kafka, "transactional.id": "t", "compression.type": "lz4"}
    )
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("hops", b"value", key=b"key")
    producer.commit_transaction(20)
    reader = Consumer(
        {
            "bootstrap.servers": stack.kafka,
            "group.id": "g",
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    reader.subscribe(["hops"])
    message = reader.poll(20)
    reader.close()
    assert message is not None
    assert message.value() == b"value"


def test_topics_are_not_made_by_mistyping(stack: Addresses) -> None:
    client = AdminClient({"bootstrap.servers": stack.kafka})
    client.list_topics("mistyped", timeout=20)
    assert "mistyped" not in client.list_topics(timeout=20).topics


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_a_killed_part_comes_back_at_its_address(place: Layout, stack: Addresses, name: str) -> None:
    first = pid_of(place, name)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: pid_of(place, name) not in {first, None})
    eventually(lambda: kafka_away(stack.kafka) is postgres_away(stack.postgres) is None)


def test_external_ones_win(stack: Addresses, layout: Layout) -> None:
    settings = Settings.model_validate({"kafka": stack.kafka, "postgres": stack.postgres})
    with infrastructure(layout, settings) as found:
        assert found == stack
        rows = json.loads(layout.status.read_text())["services"]
    assert [(row["name"], row["pid"], row["state"]) for row in rows] == [
        ("kafka", None, "external"),
        ("postgres", None, "external"),
    ]
    assert not (layout.postgres / "data").exists()


def test_a_stack_stops_with_its_context(layout: Layout) -> None:
    with ExitStack() as context:
        found = context.enter_context(infrastructure(layout, EMBEDDED))
        pids = [row.pid for row in status.read(layout).services]
        assert None not in pids
        assert kafka_away(found.kafka) is None
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)
