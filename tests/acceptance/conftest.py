"""The whole local system as a person starts it: the command, a data folder of its own, nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import hold
from infra.local.layout import Layout
from tests.acceptance.stranger import Stranger
from tests.broker import eventually

ACADEMY = (sys.executable, "-m", "infra.cli.app")
START_SECONDS = 180.0
"""A first start on this machine downloads the broker's jars."""


@dataclass
class System:
    """A running `academy run` and what its status says."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    output: Path
    data: Path

    def status(self) -> dict[str, Any] | None:
        """`academy status --json`; None while nothing is known."""
        done = self.command("status", "--json")
        if done.returncode:
            return None
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            (*ACADEMY, *words), env=self.environment, capture_output=True, text=True, check=False
        )

    def pid(self, service: str) -> int:
        status = self.status()
        assert status is not None
        pid: int = next(row["pid"] for row in status["services"] if row["name"] == service)
        return pid

    def ready(self) -> dict[str, Any] | None:
        """The status once everything is ready and told."""
        assert self.process.poll() is None, self.output.read_text()[-4000:]
        if "everything is up" not in self.output.read_text():
            return None
        status = self.status()
        return status if status and all(row["state"] == "ready" for row in status["services"]) else None

    def client(self) -> httpx.Client:
        status = self.status()
        assert status is not None
        token = Path(status["token_file"]).read_text().strip()
        return httpx.Client(base_url=status["api"], headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def stranger(self) -> Stranger:
        status = self.status()
        assert status is not None
        return Stranger(status["kafka"], status["api"])


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One for the modules of the group `composed`; the last tests of test_main_job.py, the last of them, stop it."""
    with started(tmp_path_factory.mktemp("academy")) as found:
        yield found


@contextmanager
def started(folder: Path, *options: str) -> Iterator[System]:
    """A system in a folder of its own, from when everything is ready to its end."""
    data, output = folder / "data", folder / "output.txt"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")},
        "ACADEMY_DATA_DIR": str(data),
        "ACADEMY_PARTITIONS": "2",
        "ACADEMY_CLOCK_SECONDS": "1",
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
    }
    command = (*ACADEMY, "run", *options)
    with output.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
    found = System(process, environment, output, data)
    try:
        eventually(found.ready, "the system is up", START_SECONDS)
        yield found
    finally:
        stop(process)
        hold.remove_all(Layout.at(data))


def stop(process: "subprocess.Popen[bytes]") -> float:
    """SIGTERM and wait; the seconds that it took."""
    begun = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    return time.monotonic() - begun
