"""Experiment 12: compaction under load with tombstones, older schemas and bad bytes among the records."""

import io
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
import msgspec
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs lack them
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from infra.dead import stood_at
from runtime import clients
from runtime.settings import Settings
from schemas.codec import decode
from schemas.registry import schemas
from tests import given
from tests.broker import eventually, read, write
from tests.faults.conftest import Table
from tests.faults.pipeline import SERVICES, Load, answered, begun, kept
from tests.faults.watch import Watch
from tests.integration.runtime.loops import service

OTHERS = [name for name in SERVICES if name != "decider"]
COMPACTED = ("leads", "threads", "q-table", "policies")
EAGER = {
    "segment.ms": "1000",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "min.cleanable.dirty.ratio": "0.0",
    "delete.retention.ms": "500",
}
"""A segment a second, cleaned at once; tombstones are gone half a second later."""

CLEANER = {"log.cleaner.backoff.ms": "500"}
BAD = 12
LATE_SECONDS = 5.0
"""A reader is away for longer than a tombstone is kept, and for less than a session."""
CLEANING_SECONDS = 90.0


def alter(settings: Settings, kind: Any, names: list[str], values: dict[str, str | None]) -> None:
    """Set these configurations, or take back what is None."""
    resources = [
        ConfigResource(
            kind,
            name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=_operation(value))
                for key, value in values.items()
            ],
        )
        for name in names
    ]
    admin = clients.admin(settings)
    for future in admin.incremental_alter_configs(resources, request_timeout=10).values():
        future.result(10)


def _operation(value: str | None) -> Any:
    return AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET


@contextmanager
def eager(settings: Settings) -> Iterator[None]:
    """The broker cleans the compacted topics as soon as it can."""
    alter(settings, ResourceType.TOPIC, [settings.topic(name) for name in COMPACTED], dict(EAGER))
    alter(settings, ResourceType.BROKER, ["1"], dict(CLEANER))
    try:
        yield
    finally:
        alter(settings, ResourceType.BROKER, ["1"], dict.fromkeys(CLEANER))


def older(name: str, version: int, value: Any) -> bytes:
    """The value as an older release wrote it."""
    topic, event = name.split(".")
    schema = next(
        each
        for each in schemas().values()
        if (each.topic, each.event, each.version) == (topic, event, version)
    )
    body = io.BytesIO()
    plain = msgspec.to_builtins(value, builtin_types=(bytes, type(given.NOON)))
    fastavro.schemaless_writer(body, fastavro.parse_schema(json.loads(schema.text)), plain)
    return b"\x00" + schema.id.to_bytes(4, "big") + body.getvalue()


def cleaned(settings: Settings) -> int:
    """Partitions of compacted topics that have lost their first records."""
    firsts: dict[tuple[str, int], int] = {}
    for topic in COMPACTED:
        for message in read(settings, topic):
            firsts.setdefault((topic, message.partition), message.offset)
    return sum(offset > 0 for offset in firsts.values())


def spoil(settings: Settings) -> None:
    """Bytes that are no event, no value at all, a schema of nobody, and tombstones of leads that there never were."""
    bad = [b"nonsense", None, b"\x00\x00\x00\x00\x00", b""]
    for number in range(BAD):
        write(settings, "interactions", (f"fam-{number}".encode(), bad[number % len(bad)]))
    write(settings, "leads", (b"fam-nobody", None), partition=0)
    write(settings, "threads", (b"fam-nobody", None), partition=1)


def an_older_release_writes(settings: Settings) -> None:
    """The parameters once more, and another table, both under their former schemas."""
    current = next(message for message in read(settings, "policies") if message.key == b"parameters")
    parameters = decode("policies", current.value or b"")
    data = older("policies.parameters", 2, parameters)
    write(settings, "policies", (b"parameters", data), (f"parameters|{parameters.version}".encode(), data))
    another = replace(given.TABLE, transition_id="table-older", table_id="older")
    write(settings, "transitions", (b"older", older("transitions.table-created", 1, another)))


def test_12_topics_are_compacted_under_load_with_strange_records_on_them(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    with eager(system), load.steady():
        with kept(system, tmp_path):
            begun(watch)
            spoil(system)
            an_older_release_writes(system)
            eventually(lambda: cleaned(system) >= len(COMPACTED), "topics are cleaned", CLEANING_SECONDS)
        with service("decider", system, tmp_path / "late.log") as late, kept(system, tmp_path, names=OTHERS):
            before = watch.answered
            begun(watch, before + 60)
            late.send_signal(signal.SIGSTOP)
            time.sleep(LATE_SECONDS)
            late.send_signal(signal.SIGCONT)
            begun(watch, before + 120)
    with kept(system, tmp_path):
        answered(watch, load)
        fired = cleaned(system) + BAD
        history = table.closes("12 compaction under load, strange records", system, watch, fired)
    stood = [place for letter in read(system, "extractor.dead") if (place := stood_at(letter))]
    assert len(stood) == BAD
    assert stood == sorted(stood), "dead letters stand in the order of their records"
    assert {entry.key for entry in history.of("q-table")} >= {"older", "default"}
