"""Every path of the local stack, made for its owner only."""

import os
import pwd
import secrets
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import ForeignFolderError, UserMissingError

# PostgreSQL refuses to run as root: this user, which every Unix has, runs it then.
UNPRIVILEGED = "nobody"
# Where root's Postgres lives: a place that survives a restart and that the unprivileged user can reach.
ROOT_STATE = Path("/var/lib/academy-outreach")
# Marks a folder that the stack made itself and may remove whole.
MARKER = "made-by-academy"


@dataclass(frozen=True, slots=True)
class Layout:
    """Names the paths below one data folder; `make` creates them."""

    data_dir: Path

    @classmethod
    def at(cls, data_dir: Path) -> "Layout":
        """Layout of a folder given by a person, made absolute."""
        return cls(data_dir.expanduser().resolve())

    @property
    def kafka(self) -> Path:
        """Broker's properties, logs and marker."""
        return self.data_dir / "kafka"

    @property
    def postgres(self) -> Path:
        """Home of the database: below the data folder, or as root where the recorded one is."""
        record = self.postgres_record
        return Path(record.read_text().strip()) if record.exists() else self.data_dir / "postgres"

    @property
    def is_home_outside(self) -> bool:
        """Whether the database's home is one that root's stack made outside the data folder."""
        return self.postgres.parent == ROOT_STATE

    @property
    def postgres_record(self) -> Path:
        """As root: the file that holds the path of the home outside the checkout."""
        return self.data_dir / "postgres-home"

    @property
    def postgres_password(self) -> Path:
        """Password of the database's owner, mode 0600."""
        return self.data_dir / "postgres-password"

    @property
    def logs(self) -> Path:
        """One file per child process."""
        return self.data_dir / "logs"

    @property
    def ports(self) -> Path:
        """Ports of the last run, as JSON."""
        return self.data_dir / "ports.json"

    @property
    def status(self) -> Path:
        """What runs and where, as JSON."""
        return self.data_dir / "status.json"

    @property
    def lock(self) -> Path:
        """Held by the process that runs the stack; the kernel lets go of it when that process ends."""
        return self.data_dir / "lock"

    @property
    def token(self) -> Path:
        """Bearer token with all scopes, mode 0600."""
        return self.data_dir / "api-token"

    @property
    def jars(self) -> Path:
        """Kafka's jars, shared by every data folder of the user."""
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache) / "academy-outreach" / "jars"

    def make(self) -> None:
        """Create what is missing, mode 0700; raises if the folder is another user's."""
        is_ours = not self.data_dir.exists() or not any(self.data_dir.iterdir())
        for folder in (self.data_dir, self.kafka, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.data_dir.stat().st_uid
        if owner != os.geteuid():
            raise ForeignFolderError(data_dir=self.data_dir, owner=owner, user=os.geteuid())
        self.data_dir.chmod(0o700)
        if is_ours:
            (self.data_dir / MARKER).touch()
        if os.geteuid() == 0:
            self._make_root_home()
        else:
            self.postgres.mkdir(mode=0o700, exist_ok=True)

    def _make_root_home(self) -> None:
        uid, gid = unprivileged()
        if not self.postgres_record.exists():
            write_private(self.postgres_record, str(ROOT_STATE / secrets.token_hex(8)))
        ROOT_STATE.mkdir(mode=0o711, exist_ok=True)
        self.postgres.mkdir(mode=0o700, exist_ok=True)
        # For whoever finds the home and wonders what it is.
        write_private(self.postgres / "belongs-to", f"{self.data_dir}\n")
        os.chown(self.postgres, uid, gid)


def unprivileged() -> tuple[int, int]:
    """User and group id that run PostgreSQL when this process is root's."""
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise UserMissingError(user=UNPRIVILEGED) from None
    return entry.pw_uid, entry.pw_gid


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:  # a full disk, likeliest: its half goes
        fresh.unlink()
        raise
