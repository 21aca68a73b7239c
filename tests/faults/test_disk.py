"""Experiment 12, the disk: the broker's own is full, its writes stop, and nothing is lost once there is room again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.layout import Layout
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.own import broker, system
from tests.faults.pipeline import Load, answered, begun, kept
from tests.faults.watch import Watch

DISK_BYTES = 192 * 1024 * 1024
FULL_SECONDS = 90.0
SIGNS = ("No space left on device", "Error while appending", "Stopping serving logs in dir")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own in memory; skips where this machine mounts none."""
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = (mount or "mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder))
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("a disk of a broker's own is mounted by root only")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run((umount, str(folder)), check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\xff" * 65_536)
        except OSError:
            return filler


def test_12_the_disk_is_full(settings: Settings, protocol: str, table: Table, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, broker(tmp_path / "own", data=disk / "log") as own:
        log = Layout.at(tmp_path / "own").logs / "kafka.log"
        made = system(settings, own.address, protocol)
        with Watch(made).watching() as watch, kept(made, tmp_path):
            load = Load(made)
            with load.steady():
                begun(watch)
                filler = fill(disk)
                eventually(
                    lambda: log.exists() and any(sign in log.read_text() for sign in SIGNS),
                    "the disk is full",
                    FULL_SECONDS,
                )
                filler.unlink()
                await_kafka(made)
                begun(watch, watch.answered + 60)
            answered(watch, load)
            table.closes("12 the broker's disk is full", made, watch, 1)
