"""A TCP proxy between clients and a broker that knows Kafka's requests by their header, and harms some of them.

A request frame begins with its length, API key, version and correlation id; an answer with its length and the id.
"""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

END_TXN = 26
GROUP = frozenset({8, 9, 11, 12, 13, 14, 28, 68})
"""What only a group coordinator answers: offsets, those of transactions too, and membership by either protocol."""

_LENGTH = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")
_RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing sends a reset, as a peer that vanished does."""


class Proxy:
    """Listens on `port` of loopback, passes everything on to the broker, and does what it is told to besides.

    The counts say what was really done to somebody.
    """

    def __init__(self, port: int, broker: int) -> None:
        self._broker = broker
        self._listener = socket.create_server(("127.0.0.1", port))
        self._turn = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._left = {"swallow": 0, "lose": 0, "reset": 0}
        self.swallowed = self.lost = self.reset = self.stalled = 0
        self._thread = threading.Thread(target=self._accept, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flowing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def swallow(self, count: int) -> None:
        """Of so many EndTxn the broker does what is asked, and the answer never comes."""
        self._tell("swallow", count)

    def lose(self, count: int) -> None:
        """So many EndTxn never reach the broker, and their connection is reset."""
        self._tell("lose", count)

    def cut(self, count: int) -> None:
        """Of so many EndTxn the broker does what is asked; instead of the answer comes a reset."""
        self._tell("reset", count)

    def stall(self, *, stalled: bool) -> None:
        """Requests to group coordinators wait, or go on."""
        (self._flowing.clear if stalled else self._flowing.set)()

    def _tell(self, what: str, count: int) -> None:
        with self._turn:
            self._left[what] = count

    def _takes(self, what: str) -> bool:
        with self._turn:
            self._left[what] -= (wanted := self._left[what] > 0)
            return wanted

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the experiment is over
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            broker = socket.create_connection(("127.0.0.1", self._broker), 5)
        except OSError:
            client.close()
            return
        broker.settimeout(None)
        for one in (client, broker):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asked: dict[int, int] = {}
        back = threading.Thread(target=self._answers, args=(broker, client, asked), daemon=True)
        back.start()
        self._requests(client, broker, asked)
        back.join()
        for one in (client, broker):
            one.close()

    def _requests(self, client: socket.socket, broker: socket.socket, asked: dict[int, int]) -> None:
        with suppress(OSError):
            while frame := _frame(client):
                api, _version, correlation = _REQUEST.unpack_from(frame, _LENGTH.size)
                asked[correlation] = api
                if api in GROUP and not self._flowing.is_set():
                    self.stalled += 1
                    self._flowing.wait()
                if api == END_TXN and self._takes("lose"):
                    self.lost += 1
                    _break(client)
                    break
                broker.sendall(frame)
        _end(broker)

    def _answers(self, broker: socket.socket, client: socket.socket, asked: dict[int, int]) -> None:
        with suppress(OSError):
            while frame := _frame(broker):
                (correlation,) = _LENGTH.unpack_from(frame, _LENGTH.size)
                api = asked.pop(correlation, None)
                if api == END_TXN and self._takes("swallow"):
                    self.swallowed += 1
                    continue
                if api == END_TXN and self._takes("reset"):
                    self.reset += 1
                    _break(client)
                    break
                client.sendall(frame)
        _end(client)
        _end(broker)


def _frame(source: socket.socket) -> bytes:
    """One whole frame with its length, empty at the end of the stream."""
    head = _exactly(source, _LENGTH.size)
    if not head:
        return b""
    body = _exactly(source, _LENGTH.unpack(head)[0])
    return head + body if body else b""


def _exactly(source: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)


def _break(client: socket.socket) -> None:
    """Let the other side see a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    _end(client)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
