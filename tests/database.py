"""A PostgreSQL server of a test's own, that stays away or frozen for as long as the test likes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from infra.local import hold
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.postgres import Server, layout_server
from infra.local.supervisor import Supervisor

START_SECONDS = 60.0


class Database:
    """Starts on the same files and at the same address each time."""

    def __init__(self, server: Server, logs: Path) -> None:
        self._server, self._logs = server, logs
        self._environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        self._supervisor: Supervisor | None = None

    @property
    def dsn(self) -> str:
        """Of the database, with its password."""
        return self._server.dsn

    def start(self) -> None:
        """Returns once it answers."""
        self._server.prepare(self._environment)
        self._supervisor = Supervisor(self._logs).__enter__()
        self._supervisor.start([self._server.child(self._environment, START_SECONDS)])

    def stop(self) -> None:
        """Returns once its processes have ended."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None

    def answers(self) -> bool:
        """Whether a client gets a connection now."""
        try:
            psycopg.connect(self.dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def processes(self) -> list[psutil.Process]:
        """The server, and those of its sessions, once it was started and until it has ended."""
        lock = self._server.data / "postmaster.pid"
        if not lock.exists():
            return []
        server = psutil.Process(int(lock.read_text().splitlines()[0]))
        return [server, *server.children()]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """None of its processes does anything while the context lasts; the system takes what clients send."""
        stopped = self.processes
        for process in stopped:
            with suppress(psutil.NoSuchProcess):  # one that had its work done meanwhile
                process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGCONT)


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """One that serves; nothing of it is left at the end."""
    layout = Layout.at(folder)
    layout.make()
    (port,) = free_ports(1)
    made = Database(layout_server(layout, port), layout.logs)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        hold.remove_all(layout)
