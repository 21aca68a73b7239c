"""Who may use a data folder: one process at a time, and nobody while it is being removed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from infra.local import status
from infra.local.errors import AlreadyRunningError, MixedFolderError
from infra.local.layout import MARKER, Layout


@contextmanager
def held(layout: Layout) -> Iterator[None]:
    """Keep the folder to this process and say so in its status; raises if another process has it."""
    with _locked(layout):
        status.write(layout, status.fresh(layout))
        try:
            yield
        finally:
            layout.status.unlink(missing_ok=True)


def is_let_go(layout: Layout, seconds: float) -> bool:
    """Whether the process that had the folder has ended, waiting up to `seconds` for it."""
    try:
        with FileLock(layout.lock, mode=0o600).acquire(timeout=seconds):
            return True
    except Timeout:
        return False


def remove_all(layout: Layout) -> None:
    """Remove the data folder and root's Postgres home; raises if it runs or holds files of others."""
    if not layout.data_dir.exists():
        return
    if not (layout.data_dir / MARKER).exists():
        raise MixedFolderError(data_dir=layout.data_dir)
    with _locked(layout):
        home = layout.postgres
        if home.exists() and layout.is_home_outside:
            shutil.rmtree(home)
        shutil.rmtree(layout.data_dir)


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    # The kernel lets go of the lock when its process ends, however it ends: no lock is ever stale.
    lock = FileLock(layout.lock, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = status.recorded_pid(layout) or "unknown"
        raise AlreadyRunningError(data_dir=layout.data_dir, pid=pid) from None
    try:
        yield
    finally:
        lock.release()
