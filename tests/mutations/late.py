"""A proxy that keeps one end of a transaction back, and lets it go when told: a request that came late."""

import socket
import threading
import time

from tests.faults.proxy import END_TXN, Proxy, reset

READ_SECONDS = 1.0
"""The broker reads it before its line is closed."""


class Holding(Proxy):
    """The first EndTxn after `keep` is kept, and its client's connection breaks; `let_go` sends it on."""

    def __init__(self, server: int, port: int) -> None:
        super().__init__(server, port)
        self._wanted = self.holds = False
        self._free, self._gone = threading.Event(), threading.Event()

    def keep(self) -> None:
        """The next one."""
        self._wanted = True

    def let_go(self) -> None:
        """Now the broker hears it; returns once it has had time to."""
        self._free.set()
        assert self._gone.wait(10 * READ_SECONDS)

    def passed_on(self, api: int, frame: bytes, client: socket.socket, server: socket.socket) -> bool:
        """One is kept."""
        if api != END_TXN or not self._wanted:
            return super().passed_on(api, frame, client, server)
        self._wanted, self.holds = False, True
        reset(client)
        self._free.wait()
        server.sendall(frame)
        time.sleep(READ_SECONDS)
        self._gone.set()
        return False
