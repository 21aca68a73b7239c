"""A line between clients and a broker that knows Kafka's requests by their header, and harms some of them.

A request frame begins with its length, API key, version and correlation id; an answer with its length and the id.
"""

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.line import RESET, Line, end

END_TXN = 26
GROUP = frozenset({8, 9, 11, 12, 13, 14, 28, 68})
"""What only a group coordinator answers: offsets, those of transactions too, and membership by either protocol."""

_LENGTH = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")


@dataclass(slots=True)
class Harm:
    """Something that is done to the next `left` ones, and how often it was really `done`."""

    left: int = 0
    done: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def takes(self) -> bool:
        """Whether this one is harmed."""
        with self.turn:
            if self.left == 0:
                return False
            self.left, self.done = self.left - 1, self.done + 1
            return True


class Proxy(Line):
    """Stalls group coordinators only.

    `swallowed`: of these EndTxn the broker does what is asked, and the answer never comes. `lost`: they never reach
    the broker, and their connection is reset. `cut_off`: the broker does what is asked, then comes a reset.
    """

    def __init__(self, server: int, port: int) -> None:
        super().__init__(server, port)
        self.swallowed, self.lost, self.cut_off = Harm(), Harm(), Harm()
        self._asked: dict[socket.socket, dict[int, int]] = {}

    def requests(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on request by request."""
        with suppress(OSError):
            while frame := _frame(client):
                api, _version, correlation = _REQUEST.unpack_from(frame, _LENGTH.size)
                self._asked.setdefault(client, {})[correlation] = api
                if api in GROUP:
                    self.hold()
                if not self.passed_on(api, frame, client, server):
                    break
        end(server)

    def passed_on(self, api: int, frame: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Send one request on; False where its connection ends instead."""
        if api == END_TXN and self.lost.takes():
            reset(client)
            return False
        server.sendall(frame)
        return True

    def answers(self, server: socket.socket, client: socket.socket) -> None:
        """Pass on answer by answer."""
        with suppress(OSError):
            while frame := _frame(server):
                (correlation,) = _LENGTH.unpack_from(frame, _LENGTH.size)
                api = self._asked.get(client, {}).pop(correlation, None)
                if api == END_TXN and self.swallowed.takes():
                    continue
                if api == END_TXN and self.cut_off.takes():
                    reset(client)
                    break
                client.sendall(frame)
        self._asked.pop(client, None)
        end(client)
        end(server)


def _frame(source: socket.socket) -> bytes:
    """One whole frame with its length, empty at the end of the stream."""
    head = _exactly(source, _LENGTH.size)
    body = _exactly(source, _LENGTH.unpack(head)[0]) if head else b""
    return head + body if body else b""


def _exactly(source: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)


def reset(client: socket.socket) -> None:
    """Let the other side see a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    end(client)
