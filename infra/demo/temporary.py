"""A prefix of its own for one demo: claimed, prepared, served by its own processes, and removed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from confluent_kafka.admin import AdminClient
from psycopg import sql

from infra import topics
from infra.configuration import configure
from infra.local.lags import settle
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.probes import health
from infra.local.services import ServiceSpec, placed
from infra.local.settings import LocalSettings
from infra.local.supervisor import Supervisor
from infra.local.teller import Teller
from projections.migrate import upgrade
from runtime.checks import CALL_SECONDS, await_kafka, await_postgres
from runtime.errors import RuntimeFault
from runtime.master import default_master_path, load_master
from runtime.settings import Settings
from schemas.topics import TOPICS

PREFIX = "demo-"
PARTITIONS = 9
"""Fixed, so that two runs are alike whatever the system's own count is, since a decision names offsets; and such
that one partition has no family."""
NAMES = ("extractor", "decider", "learner", "projections")


class DemoRuns(RuntimeFault):
    """Another demo has the prefix."""


def settings_of(at: LocalSettings) -> LocalSettings:
    """Those of a demo beside this system: same servers, other names."""
    key = (at.master_key_file or default_master_path()).expanduser().resolve()
    return at.model_copy(
        update={"topic_prefix": PREFIX, "partitions": PARTITIONS, "replication": 1, "master_key_file": key}
    )


@contextmanager
def claimed(settings: Settings) -> Iterator[None]:
    """The prefix belongs to this process until the context or the process ends; raises DemoRuns."""
    lock = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
    with psycopg.connect(await_postgres(settings), autocommit=True) as database:
        row = database.execute(lock, [f"demo {settings.schema_name}"]).fetchone()
        if row != (True,):
            raise DemoRuns(
                f"another demo uses the prefix {settings.topic_prefix} on these servers: wait until it has ended"
            )
        yield


@contextmanager
def prepared(settings: LocalSettings, *, keep: bool) -> Iterator[None]:
    """Fresh topics, schema and configuration; what an earlier demo kept goes before, and this one's after."""
    admin = await_kafka(settings)
    try:
        remove(settings, admin)
        load_master(settings.master_key_file or default_master_path(), create=True)
        topics.apply(settings, admin)
        upgrade(await_postgres(settings), settings.schema_name)
        configure(settings, enrolment_from="stated")
        yield
    finally:
        if not keep:
            remove(settings, admin)


def remove(settings: Settings, admin: AdminClient) -> None:
    """Delete the prefix's topics and its schema, as far as they are there."""
    known = admin.list_topics(timeout=CALL_SECONDS).topics
    names = [name for topic in TOPICS if (name := settings.topic(topic)) in known]
    if names:
        for future in admin.delete_topics(names, operation_timeout=CALL_SECONDS).values():
            future.result(CALL_SECONDS)
    with psycopg.connect(await_postgres(settings), autocommit=True) as database:
        named = sql.Identifier(settings.schema_name)
        database.execute(sql.SQL("drop schema if exists {} cascade").format(named))


@contextmanager
def served(settings: LocalSettings, teller: Teller, *, keep: bool) -> Iterator[None]:
    """The services that a story needs, in processes of their own; their output goes to log files.

    What is to be kept is complete before they end: the views follow the log at their own pace.
    """
    layout = Layout.at(settings.data_dir)
    logs = layout.logs / "demo"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Supervisor(logs) as supervisor:
        services = placed([ServiceSpec(name, (name,)) for name in NAMES], 0, free_ports(len(NAMES)))
        with teller.step("services of the demo"):
            supervisor.start([service.child(_given(settings)) for service in services], teller.say)
        yield
        if keep:
            with teller.step("views of the demo"):
                settle(lambda: [(health(service.port) or {}).get("lag") for service in services])


def _given(settings: LocalSettings) -> dict[str, str]:
    if settings.kafka is None or settings.postgres is None:
        raise AssertionError("a demo has servers before it has services")
    return {
        "ACADEMY_KAFKA": settings.kafka,
        "ACADEMY_POSTGRES": settings.postgres.get_secret_value(),
        "ACADEMY_DATA_DIR": str(settings.data_dir.expanduser().resolve()),
        "ACADEMY_TOPIC_PREFIX": settings.topic_prefix,
        "ACADEMY_PARTITIONS": str(settings.partitions),
        "ACADEMY_MASTER_KEY_FILE": str(settings.master_key_file),
        "ACADEMY_EXTRACTOR": "offline",
    }
