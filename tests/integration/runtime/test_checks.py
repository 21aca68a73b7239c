"""What refuses to start, and that it says what is, what should be, and how to mend it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from extractor.service import build
from infra import topics
from projections.migrate import upgrade
from runtime import clients, processor
from runtime.checks import await_kafka, check
from runtime.errors import Misconfigured, NotReady
from runtime.keys import Keys, household
from runtime.master import load_master
from runtime.settings import Settings
from schemas.codec import encode
from schemas.sealed import seal
from schemas.topics import TOPICS
from tests import given
from tests.broker import write
from tests.integration.runtime.loops import processing, service
from tests.integration.runtime.topics import await_visible, configure, configured, delete
from tests.keyring import MemoryKeys

NOWHERE = "127.0.0.1:9"
"""Nobody listens on the discard port."""


@pytest.fixture(autouse=True)
def _visible(settings: Settings) -> None:
    await_visible(settings)


def refused(settings: Settings) -> str:
    with pytest.raises(Misconfigured) as refusal:
        check(settings, clients.admin(settings))
    return str(refusal.value)


def test_topics_as_the_catalogue_says_are_fine(settings: Settings) -> None:
    check(settings, await_kafka(settings))


@pytest.fixture
def lacking(settings: Settings) -> Iterator[Settings]:
    """Without the extractor's changelog, for as long as the test lasts."""
    delete(settings, "threads")
    yield settings
    topics.apply(settings, clients.admin(settings))
    await_visible(settings)


def test_a_topic_that_is_absent(lacking: Settings) -> None:
    said = refused(lacking)
    assert said == (
        f"{lacking.topic('threads')}: the topic is absent, the catalogue says 2 partitions;"
        " run `academy topics apply`"
    )


def test_another_partition_count(settings: Settings) -> None:
    said = refused(settings.model_copy(update={"partitions": 3}))
    assert "the partition count is 2, the catalogue says 3" in said
    assert "ACADEMY_PARTITIONS" in said


@pytest.mark.parametrize(
    ("topic", "name", "value"),
    [("threads", "cleanup.policy", "delete"), ("interactions", "message.timestamp.type", "CreateTime")],
)
def test_a_setting_that_loses_data_or_time(settings: Settings, topic: str, name: str, value: str) -> None:
    configure(settings, topic, name, value)
    wanted = TOPICS[topic].config[name]
    said = refused(settings)
    assert f"{name} is {value}, the catalogue says {wanted}" in said
    assert "run `academy topics apply`" in said


def test_any_other_setting_is_only_told(settings: Settings) -> None:
    configure(settings, "threads", "segment.ms", "700000")
    check(settings, clients.admin(settings))


def test_kafka_that_is_away(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka": NOWHERE, "start_deadline": 0.5})
    with pytest.raises(
        NotReady, match=f"no Kafka at {NOWHERE} within 0 s: start it, or correct ACADEMY_KAFKA"
    ):
        await_kafka(away)


def test_apply_mends_what_differs_and_the_second_time_changes_nothing(settings: Settings) -> None:
    admin = clients.admin(settings)
    delete(settings, "decider.dead")
    configure(settings, "threads", "cleanup.policy", "delete")

    mended = {(difference.topic, difference.what) for difference in topics.apply(settings, admin)}

    assert mended == {
        (settings.topic("decider.dead"), "the topic"),
        (settings.topic("threads"), "cleanup.policy"),
    }
    assert configured(settings, "threads", "cleanup.policy") == "compact"
    await_visible(settings)
    assert topics.apply(settings, admin) == []


@pytest.mark.parametrize("wanted", [1, 3])
def test_apply_never_changes_a_partition_count(settings: Settings, wanted: int) -> None:
    admin = clients.admin(settings)
    with pytest.raises(Misconfigured, match=f"is 2, the catalogue says {wanted}"):
        topics.apply(settings.model_copy(update={"partitions": wanted}), admin)
    count = len(admin.list_topics(timeout=10).topics[settings.topic("interactions")].partitions)
    assert count == 2


def ended(name: str, settings: Settings, output: Path, **more: str) -> str:
    """What a service says that ends by itself with code 1."""
    with service(name, settings, output, **more) as process:
        assert process.wait(30) == 1, output.read_text()
    said = output.read_text()
    assert "Traceback" not in said
    return said


def test_the_service_says_it_and_exits_1_when_a_topic_is_absent(lacking: Settings, tmp_path: Path) -> None:
    said = ended("extractor", lacking, tmp_path / "output.txt")
    assert "the topic is absent, the catalogue says 2 partitions; run `academy topics apply`" in said


def test_the_service_says_it_and_exits_1_when_kafka_is_away(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"kafka": NOWHERE, "start_deadline": 1.0})
    said = ended("learner", away, tmp_path / "output.txt")
    assert f"no Kafka at {NOWHERE} within 1 s: start it, or correct ACADEMY_KAFKA" in said


@pytest.mark.parametrize("name", ["extractor", "projections"])
def test_the_service_says_it_and_exits_1_when_postgres_is_away(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    nowhere = SecretStr("postgresql://academy@127.0.0.1:9/academy")
    away = settings.model_copy(update={"postgres": nowhere, "start_deadline": 1.0})
    said = ended(name, away, tmp_path / "output.txt")
    assert "ACADEMY_POSTGRES" in said


def test_the_service_says_it_and_exits_1_under_another_master_key(settings: Settings, tmp_path: Path) -> None:
    assert settings.postgres
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    keys = Keys(settings)
    keys.of(household("fam-1"))
    keys.close()
    other = settings.model_copy(update={"master_key_file": tmp_path / "other.key"})

    said = ended("extractor", other, tmp_path / "output.txt")

    assert "are wrapped under master key" in said
    assert "ACADEMY_MASTER_KEY_FILE" in said


def test_a_missing_table_of_keys_is_waited_for_and_then_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schema may be migrated while the extractor already runs."""
    monkeypatch.setattr(processor, "PATIENCE_SECONDS", 0.5)
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    keys, key = Keys(settings), MemoryKeys().of("fam-1/g/g1")
    event = given.recorded(transcript=seal(key, "interaction-1", "transcript", "Parent: Yes."))
    with processing(settings, build(keys)) as loop:
        write(settings, "interactions", (b"fam-1", encode("interactions", event)))
        failure = loop.ended()
    assert isinstance(failure, NotReady)
    assert str(failure).endswith("has no keys yet; run: academy db migrate")
