"""A TCP connection between a client and a server that can be stalled, and broken, whatever is spoken on it."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing sends a reset, as a peer that vanished does."""


class Line:
    """Listens on `port` of loopback and passes everything on to `server`; counts whom it has harmed."""

    def __init__(self, server: int, port: int = 0) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", port))
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: set[socket.socket] = set()
        self.stalled = self.broken = 0
        self._thread = threading.Thread(target=self._accept, name="line", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flowing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def stall(self, *, stalled: bool) -> None:
        """What clients send waits, or goes on."""
        (self._flowing.clear if stalled else self._flowing.set)()

    def cut(self) -> None:
        """Every connection is reset."""
        for client in list(self._open):
            with suppress(OSError):  # it was closed a moment ago
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self.broken += 1
            end(client)

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the experiment is over
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._server), 5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(client)
        back = threading.Thread(target=self.answers, args=(server, client), daemon=True)
        back.start()
        self.requests(client, server)
        back.join()
        self._open.discard(client)
        client.close()
        server.close()

    def requests(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what a client sends, until either side is closed."""
        with suppress(OSError):
            while part := client.recv(CHUNK):
                self.hold()
                server.sendall(part)
        end(server)

    def answers(self, server: socket.socket, client: socket.socket) -> None:
        """Pass on what comes back."""
        with suppress(OSError):
            while part := server.recv(CHUNK):
                client.sendall(part)
        end(client)
        end(server)

    def hold(self) -> None:
        """Wait where it is stalled."""
        if not self._flowing.is_set():
            self.stalled += 1
            self._flowing.wait()


def end(one: socket.socket) -> None:
    """Close it for both sides; whoever waits on it hears so."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
