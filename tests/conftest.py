"""A broker and a database, once a run and only for tests that ask for them; each test under its own prefix."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings as hypothesis_settings

from infra import topics
from infra.configuration import configure
from infra.local.stack import Addresses
from runtime.checks import CALL_SECONDS, await_kafka
from runtime.settings import Settings
from schemas.topics import TOPICS
from tests.servers import servers

OF_THE_RUN = ("ACADEMY_KAFKA", "ACADEMY_POSTGRES", "ACADEMY_GROUP_PROTOCOL")
"""Servers that the environment names, and the group protocol that is tried."""

hypothesis_settings.register_profile("calm", deadline=None, derandomize=True)
hypothesis_settings.load_profile("calm")


@pytest.fixture(scope="session")
def stack(worker_id: str) -> Iterator[Addresses]:
    """A real broker and a real database of this worker, from where `tests/servers.py` finds them."""
    lock = FileLock(Path(tempfile.gettempdir()) / f"academy-outreach-tests-{worker_id}.lock")
    with lock, servers() as addresses:
        yield addresses


@pytest.fixture
def partitions() -> int:
    """Of the lead topics."""
    return 2


@pytest.fixture
def settings(stack: Addresses, tmp_path: Path, partitions: int) -> Iterator[Settings]:
    """A prefix of its own with its topics, their partitions and a master key."""
    made = Settings(
        kafka=stack.kafka,
        postgres=stack.postgres,
        topic_prefix=f"t{uuid.uuid4().hex[:8]}-",
        partitions=partitions,
        data_dir=tmp_path,
        master_key_file=tmp_path / "master.key",
        start_deadline=20,
        preset="seed",
    )
    admin = await_kafka(made)
    topics.apply(made, admin)
    yield made
    deleted = admin.delete_topics([made.topic(name) for name in TOPICS], operation_timeout=CALL_SECONDS)
    for future in deleted.values():
        future.result(CALL_SECONDS)


@pytest.fixture
def configured(settings: Settings) -> Settings:
    """The same with its first configuration: parameters and a seeded learning table."""
    configure(settings, enrolment_from="stated")
    return settings


@pytest.fixture(autouse=True)
def _no_settings_from_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A developer's `.env` and variables are not part of a test, but for what is of the run."""
    for name in os.environ:
        if name.startswith(("ACADEMY_", "OPENAI_")) and name not in OF_THE_RUN:
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
