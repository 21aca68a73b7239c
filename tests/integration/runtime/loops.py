"""Runs the runtime's loops where a test can watch them: in a thread, or as a service's own process."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from extractor.service import build as build_extractor
from runtime.global_table import GlobalTable
from runtime.health import Health
from runtime.master import load_master
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.projector import Projector
from runtime.settings import Settings
from runtime.transform import Transform
from runtime.views import View
from tests.broker import PATIENCE, eventually
from tests.keyring import MemoryKeys


class Loop:
    """One loop in a thread; `failure` is what ended it."""

    def __init__(self, run: Callable[[threading.Event], None], health: Health, metrics: Metrics) -> None:
        self.health, self.metrics = health, metrics
        self.failure: BaseException | None = None
        self.expected = False
        self._run, self._stopping = run, threading.Event()
        self._thread = threading.Thread(target=self._guarded, name="loop")

    @contextmanager
    def running(self, partitions: int | None) -> Iterator[Self]:
        """Until the context ends; begins when it serves so many partitions. An unexpected failure is the test's."""
        self._thread.start()
        try:
            if partitions is not None:
                self.await_partitions(partitions)
            yield self
        finally:
            self.stop()
        if self.failure is not None and not self.expected:
            raise self.failure

    def await_partitions(self, count: int) -> None:
        eventually(lambda: self.over or self.serves(count), f"ready with {count} partitions")
        if self.failure is not None:
            raise self.failure

    def serves(self, partitions: int) -> bool:
        readiness = self.health.readiness
        return readiness.ready and readiness.detail == f"{partitions} partitions"

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def handled(self, service: str = "extractor") -> float:
        """Input records handled, committed or not."""
        labels = {"service": service}
        return self.metrics.registry.get_sample_value("academy_records_handled_total", labels) or 0.0

    def aborts(self, service: str = "extractor") -> float:
        """Transactions that were aborted."""
        labels = {"service": service}
        return self.metrics.registry.get_sample_value("academy_aborts_total", labels) or 0.0

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(PATIENCE)
        assert self.over

    def ended(self, seconds: float = PATIENCE) -> BaseException | None:
        """What ended it, once it has ended by itself."""
        self.expected = True
        eventually(lambda: self.over, "the loop ends by itself", seconds)
        return self.failure

    def _guarded(self) -> None:
        try:
            self._run(self._stopping)
        except BaseException as failure:  # noqa: BLE001 - kept for the test
            self.failure = failure


@contextmanager
def processing(
    settings: Settings,
    transform: Transform[Any] | None = None,
    tables: Sequence[GlobalTable[Any]] = (),
    partitions: int | None = 2,
) -> Iterator[Loop]:
    """A processor, the extractor's unless told otherwise, from the moment when it serves."""
    health, metrics = Health(), Metrics()
    processor = Processor(transform or build_extractor(MemoryKeys()), settings, health, metrics, tables)
    with Loop(processor.run, health, metrics).running(partitions) as loop:
        yield loop


@contextmanager
def projecting(settings: Settings, views: Sequence[View], partitions: int | None) -> Iterator[Loop]:
    """A projector, from the moment when it serves."""
    health, metrics = Health(), Metrics()
    with Loop(Projector(settings, views, health, metrics).run, health, metrics).running(partitions) as loop:
        yield loop


Process = subprocess.Popen[bytes]


@contextmanager
def service(name: str, settings: Settings, output: Path, **more: str) -> Iterator[Process]:
    """`academy service <name>` as a process of its own; killed at the end if it still runs."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            (sys.executable, "-m", "infra.cli.app", "service", name),
            env=environment(settings) | more,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)


def environment(settings: Settings) -> dict[str, str]:
    """What the service's own settings read."""
    assert settings.postgres is not None
    assert settings.master_key_file is not None
    load_master(settings.master_key_file, create=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("ACADEMY_")}
    return own | {
        "ACADEMY_KAFKA": settings.kafka or "",
        "ACADEMY_POSTGRES": settings.postgres.get_secret_value(),
        "ACADEMY_GROUP_PROTOCOL": settings.group_protocol,
        "ACADEMY_SLOT": str(settings.slot),
        "ACADEMY_TOPIC_PREFIX": settings.topic_prefix,
        "ACADEMY_PARTITIONS": str(settings.partitions),
        "ACADEMY_MASTER_KEY_FILE": str(settings.master_key_file),
        "ACADEMY_DATA_DIR": str(settings.data_dir),
        "ACADEMY_START_DEADLINE": str(settings.start_deadline),
    }
