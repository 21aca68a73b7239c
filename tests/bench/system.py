"""The whole local system for a bench, in a folder of its own, started as a user would."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import hold
from infra.local.layout import Layout
from tests.broker import eventually

ACADEMY = (sys.executable, "-m", "infra.cli.app")
START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class System:
    """A system that is ready: what `academy status --json` says, its token, and what the start printed."""

    status: dict[str, Any]
    token: str
    printed: str


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder and a key's place, removed at the end with all that the stack keeps elsewhere."""
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as name:
        try:
            yield Path(name)
        finally:
            hold.remove_all(Layout.at(Path(name) / "data"))


@contextmanager
def running(place: Path) -> Iterator[System]:
    """`academy run` without its demo, from its start to its end."""
    environment = {**os.environ, "ACADEMY_DATA_DIR": str(place / "data"), "XDG_CONFIG_HOME": str(place)}
    printed = place / "output"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            (*ACADEMY, "run", "--no-demo"), env=environment, stdout=output, stderr=output
        )
    try:
        eventually(lambda: "everything is up" in printed.read_text(), "the system is up", START_SECONDS)
        told = subprocess.run(
            (*ACADEMY, "status", "--json"), env=environment, capture_output=True, text=True, check=True
        )
        status: dict[str, Any] = json.loads(told.stdout)
        yield System(status, Path(status["token_file"]).read_text().strip(), printed.read_text())
    finally:
        process.terminate()
        process.wait(20)


def keep(name: str, result: dict[str, Any]) -> None:
    """Write a bench's figures to `build/bench`, and say so."""
    target = Path("build/bench") / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2))
    print(f"written to {target}")
