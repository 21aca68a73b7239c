"""The status file: what runs on a data folder and where; the supervisor writes it, everyone else reads it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from infra.local.errors import NotRunningError
from infra.local.layout import Layout, write_private
from infra.local.probes import health


@dataclass(frozen=True, slots=True)
class Row:
    """One service as listed; `has_health` says whether its port answers `/readyz`."""

    name: str
    pid: int | None
    state: str
    port: int | None
    has_health: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Contents of the file; `pid` and `born` together name the supervising process: a pid alone is reused."""

    pid: int
    born: float
    token_file: str
    api: str | None = None
    ingest: str | None = None
    kafka: str | None = None
    postgres: str | None = None
    services: tuple[Row, ...] = ()


def fresh(layout: Layout) -> Status:
    """Status of this process before anything was started."""
    return Status(os.getpid(), psutil.Process().create_time(), str(layout.token))


def write(layout: Layout, status: Status) -> None:
    """Replace the status file."""
    write_private(layout.status, json.dumps(asdict(status), indent=2) + "\n")


def read(layout: Layout) -> Status:
    """Status of the process that runs on the layout; raises `NotRunningError` if none does."""
    recorded = _recorded(layout.status)
    if recorded is None or not _lives(recorded):
        raise NotRunningError(data_dir=layout.data_dir)
    return recorded


def recorded_pid(layout: Layout) -> int | None:
    """Pid of the process that runs on the layout, if any."""
    try:
        return read(layout).pid
    except NotRunningError:
        return None


def report(status: Status) -> dict[str, Any]:
    """What `academy status --json` prints: the file's facts, and each service's word and lag as of now."""
    ports = {row.port for row in status.services if row.has_health}
    asked = {port: None if port is None else health(port) for port in ports}
    return {
        "api": status.api,
        "ingest": status.ingest,
        "kafka": status.kafka,
        "postgres": status.postgres,
        "token_file": status.token_file,
        "pid": status.pid,
        "services": [_described(row, asked.get(row.port)) for row in status.services],
    }


def _described(row: Row, answer: dict[str, object] | None) -> dict[str, Any]:
    state = row.state
    if row.has_health and state == "ready" and (answer is None or answer.get("ready") is not True):
        state = "unready"  # it was ready once and says, or shows by silence, that it is not now
    lag = None if answer is None else answer.get("lag")
    return {"name": row.name, "pid": row.pid, "state": state, "lag": lag, "port": row.port}


def _recorded(path: Path) -> Status | None:
    try:
        facts = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return Status(**(facts | {"services": tuple(Row(**row) for row in facts["services"])}))


def _lives(status: Status) -> bool:
    try:
        # Rounded by the kernel's clock: two reads of one process differ by hundredths of a second.
        return abs(psutil.Process(status.pid).create_time() - status.born) < 1.0
    except psutil.NoSuchProcess:
        return False
