"""How fast a view is made anew from the log, and how soon a row of a new event is seen while 200 come a second.

On a real broker and a real Postgres. The rebuilds are `academy views rebuild`, each in a fresh process; the freshness
is that of the projection as a process of its own: from the broker's acknowledgement to the row in another session.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from confluent_kafka import Message
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import Addresses, infrastructure
from infra.offsets import IN_POSTGRES
from infra.view_rebuild import named, rebuild
from projections.connections import in_schema
from projections.migrate import upgrade
from projections.service import build
from runtime import clients, logs
from runtime.global_table import end_offsets
from runtime.settings import Settings
from schemas.codec import decode, encode
from tests import given
from tests.bench.pace import pace
from tests.bench.rebuild import STORIES, Told, alone, many, prefixed, told, writing
from tests.bench.system import keep
from tests.broker import eventually
from tests.integration.runtime.loops import service

ROWS_S, FRESH_P99_MS, EVENTS_S = 20_000, 150.0, 200
VIEWS = ("interactions", "leads", "decisions", "transitions", "contacts")
TOPICS = ("interactions", "enriched", "decisions", "transitions")
RECORDS, SECONDS = 400_000, 30.0
WARM = 400
"""Events before those that count: connections, plans and the broker's code are warm by then."""
LOOK_S = 0.002
"""Between two looks of who waits for rows."""


@dataclass(frozen=True, slots=True)
class Anew:
    """One view made anew: rows written, seconds until all were, rows a second, CPU seconds of our process."""

    view: str
    rows: int
    seconds: float
    rows_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Fresh:
    """Milliseconds from the acknowledgement of an event to its row, and how many events came a second."""

    p50_ms: float
    p99_ms: float
    events_s: float


def fill(settings: Settings, count: int) -> None:
    """So many records on the topics of the record, and the positions of a projection that has read them all."""
    _partition, record = told()
    families = count * STORIES // len(record)
    writers = {topic: writing(settings, topic) for topic in TOPICS}
    for one in record:
        for key, value in _of_all(one, families):
            writers[one[1]](key, value, -1)
    for write in writers.values():
        write(None, b"", 0)
    with psycopg.connect(_dsn(settings), autocommit=True) as database:
        for topic in TOPICS:
            for number, end in end_offsets(settings, settings.topic(topic)).items():
                database.execute(
                    "INSERT INTO positions VALUES (%s, %s, %s, %s)", (IN_POSTGRES, topic, number, end)
                )


def _of_all(one: Told, families: int) -> Iterator[tuple[bytes, bytes]]:
    """The same record of each family, under an id of its own: rows of the same id would become one."""
    family, topic, key, value = one
    own = str(getattr(decode(topic, value), {"decisions": "decision_id"}.get(topic, "transition_id"), ""))
    for number, (name, said) in enumerate(many(family, key, value, families)):
        yield name, said.replace(own.encode(), f"{number:08x}{own[8:]}".encode()) if own else said


def anew(settings: Settings, view: str) -> Anew:
    """`academy views rebuild` of one view."""
    logs.configure("ERROR")
    before = time.process_time()
    done = rebuild(settings, named(build(), view), lambda _passed, _of: None)
    return Anew(view, done.rows, done.rows / done.rows_s, done.rows_s, time.process_time() - before)


def fresh(settings: Settings, seconds: float) -> Fresh:
    """Events at an even rate, and when each was acknowledged and seen."""
    acknowledged: dict[tuple[int, int], float] = {}
    seen: dict[int, list[tuple[float, int]]] = {number: [] for number in range(settings.partitions)}
    stopping = threading.Event()
    looking = threading.Thread(target=_look, args=(settings, seen, stopping))
    with ExitStack() as stack:
        stack.callback(looking.join)
        stack.callback(stopping.set)
        looking.start()
        _tell(settings, WARM, acknowledged)
        eventually(lambda: _all_seen(acknowledged, seen), "the service has begun")
        warm, begun = len(acknowledged), time.monotonic()
        _tell(settings, int(seconds * EVENTS_S), acknowledged)
        rate = (len(acknowledged) - warm) / (time.monotonic() - begun)
        eventually(lambda: _all_seen(acknowledged, seen), "all are seen")
    counted = list(acknowledged.items())[warm:]
    found = sorted(_first(seen[number], offset) - at for (number, offset), at in counted)
    return Fresh(found[len(found) // 2] * 1000, found[int(len(found) * 0.99)] * 1000, rate)


def _tell(settings: Settings, count: int, acknowledged: dict[tuple[int, int], float]) -> None:
    producer, topic = clients.writer(settings), settings.topic("interactions")

    def told_of(_error: Any, message: Message) -> None:
        acknowledged[message.partition() or 0, message.offset() or 0] = time.monotonic()

    begun = time.monotonic()
    for number in range(count):
        event = given.recorded(given.NOON, number, lead_id=f"fresh-{number % 400}")
        value = encode("interactions", event)
        producer.produce(topic, value, event.lead_id.encode(), on_delivery=told_of)
        while (left := begun + (number + 1) / EVENTS_S - time.monotonic()) > 0:
            producer.poll(left)
    if producer.flush(clients.CALL_SECONDS):
        raise RuntimeError("the broker did not take everything")


def _look(settings: Settings, seen: dict[int, list[tuple[float, int]]], stopping: threading.Event) -> None:
    """For each partition when which offset was the last that its rows show."""
    with psycopg.connect(_dsn(settings), autocommit=True) as database:
        while not stopping.wait(LOOK_S):
            rows = database.execute(
                "SELECT partition, (SELECT max(root_offset) FROM interactions WHERE partition = place.partition)"
                " FROM generate_series(0, %s) AS place (partition)",
                [settings.partitions - 1],
            ).fetchall()
            at = time.monotonic()
            for number, offset in rows:
                if offset is not None and (not seen[number] or offset > seen[number][-1][1]):
                    seen[number].append((at, offset))


def _all_seen(acknowledged: Iterable[tuple[int, int]], seen: dict[int, list[tuple[float, int]]]) -> bool:
    return all(seen[number] and seen[number][-1][1] >= offset for number, offset in acknowledged)


def _first(looks: list[tuple[float, int]], offset: int) -> float:
    return next(at for at, last in looks if last >= offset)


def _at(addresses: Addresses, folder: Path, partitions: int) -> Settings:
    settings = prefixed(addresses.kafka, partitions).model_copy(
        update={
            "postgres": SecretStr(addresses.postgres),
            "data_dir": folder,
            "master_key_file": folder / "master.key",
        }
    )
    upgrade(addresses.postgres, settings.schema_name)
    return settings


def _dsn(settings: Settings) -> str:
    assert settings.postgres is not None
    return in_schema(settings.postgres.get_secret_value(), settings.schema_name)


def main() -> None:
    """As a table and as build/bench/views.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help="on all topics together")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of events at an even rate")
    parser.add_argument("--partitions", type=int, default=4)
    asked = parser.parse_args()
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        layout = Layout.at(Path(name) / "data")
        with infrastructure(layout, Settings()) as addresses:
            one, other = (_at(addresses, Path(name), asked.partitions) for _ in range(2))
            fill(one, asked.records)
            views: list[Anew] = [alone(anew, one, view) for view in VIEWS]
            with service("projections", other, Path(name) / "output"):
                new = fresh(other, asked.seconds)
        hold.remove_all(layout)
    _show(views, new)
    keep("views", {"views": [asdict(each) for each in views], "fresh": asdict(new)})


def _show(views: list[Anew], new: Fresh) -> None:
    table = Table("figure", "measured", "target")
    for each in views:
        kept = "kept" if each.rows_s >= ROWS_S else "MISSED"
        said = f"{each.rows_s:,.0f} rows/s ({each.rows:,} in {each.seconds:.1f} s, {each.cpu_s:.1f} s of CPU)"
        table.add_row(f"{each.view} anew", said, f"{ROWS_S:,}: {kept}")
    kept = "kept" if new.p99_ms <= FRESH_P99_MS else "MISSED"
    table.add_row("event to row, median", f"{new.p50_ms:.0f} ms at {new.events_s:.0f} events/s", "")
    table.add_row("event to row, p99", f"{new.p99_ms:.0f} ms", f"{FRESH_P99_MS:.0f}: {kept}")
    Console(width=120).print(table)
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; yardstick {pace().yardstick_s * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
