"""Copies of a service that join and leave its group in order, and what each says of itself by its own port."""

import re
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.ports import free_ports
from runtime.settings import Settings
from tests.broker import eventually
from tests.integration.runtime.loops import Process, service

READY_SECONDS = 90.0
LEAVING_SECONDS = 30.0


class Copy:
    """One running copy, by its slot; `rebalances` counts those that it has lived through."""

    def __init__(self, name: str, slot: int, port: int, process: Process) -> None:
        self.name, self.slot, self._port, self._process = name, slot, port, process
        self.rebalances = 0
        self.aborts = 0

    @property
    def is_ready(self) -> bool:
        """Whether it says so; it must not have ended."""
        assert self._process.poll() is None, f"{self.name} {self.slot} ended with {self._process.returncode}"
        try:
            self._asked("readyz")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def leave(self) -> None:
        """Asked to stop, it commits, leaves and ends well; its aborts are read before."""
        self.count()
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(LEAVING_SECONDS) == 0

    def count(self) -> None:
        """Read how many transactions of it were aborted."""
        found = re.findall(r"^academy_aborts_total\{.*\} (\S+)$", self._asked("metrics"), re.MULTILINE)
        self.aborts = int(sum(map(float, found)))

    def _asked(self, page: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{page}", timeout=5) as answer:
            return str(answer.read(), "utf-8")


@contextmanager
def joined(settings: Settings, name: str, slot: int, output: Path) -> Iterator[Copy]:
    """A copy that serves; killed at the end where it has not left."""
    (port,) = free_ports(1)
    placed = settings.model_copy(update={"slot": slot})
    with service(name, placed, output, ACADEMY_HEALTH_PORT=str(port)) as process:
        copy = Copy(name, slot, port, process)
        eventually(lambda: copy.is_ready, f"{name} {slot} is ready", READY_SECONDS)
        yield copy
