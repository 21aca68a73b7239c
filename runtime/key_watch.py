"""Hears that keys were destroyed, so that no process keeps one in memory that is gone.

While Postgres is away nothing can be destroyed; whoever reaches it again forgets everything first.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from runtime.key_table import CHANNEL

PAUSE_S = 1.0
"""Between two tries to reach Postgres."""
HEARD_S = 2.0
"""So often a silent connection looks whether it is to end."""

_GONE = (psycopg.OperationalError, psycopg.InterfaceError)


class Watch:
    """A thread with a connection of its own; `destroyed` hears each key's id, `reached` each new beginning."""

    def __init__(self, dsn: str, destroyed: Callable[[str], None], reached: Callable[[], None]) -> None:
        self._dsn, self._destroyed, self._reached = dsn, destroyed, reached
        self._closing, self._listening = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="key-watch", daemon=True)
        self._thread.start()

    def listens(self, seconds: float) -> bool:
        """Whether it hears, or does so within so many seconds."""
        return self._listening.wait(seconds)

    def close(self) -> None:
        """End; the thread is gone within HEARD_S."""
        self._closing.set()

    def _watch(self) -> None:
        while not self._closing.is_set():
            with suppress(*_GONE), self._connected() as database:
                self._listen(database)
            self._listening.clear()
            self._closing.wait(PAUSE_S)

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._dsn, autocommit=True, connect_timeout=3)

    def _listen(self, database: psycopg.Connection[Any]) -> None:
        database.execute(f"LISTEN {CHANNEL}")
        self._reached()  # after LISTEN: what was destroyed before it is forgotten, what comes later is heard
        self._listening.set()
        while not self._closing.is_set():
            for notice in database.notifies(timeout=HEARD_S):
                self._destroyed(notice.payload)
