"""A caller that costs little: keep-alive connections and no more of HTTP than a bench needs."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of a response."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body; raises where the request was not taken."""
        if self.status >= 400:
            raise RuntimeError(f"HTTP {self.status}: {self.body.decode()[:200]}")
        return json.loads(self.body)


class Client:
    """Requests to one loopback address, each on a connection of its own while it lasts."""

    def __init__(self, address: str, token: str) -> None:
        self._host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
        self._port = int(port)
        self._head = f"Host: {self._host}:{port}\r\nAuthorization: Bearer {token}\r\n"
        self._idle: list[Connection] = []

    async def get(self, path: str, **headers: str) -> Answer:
        """Underscores in a header's name stand for hyphens."""
        said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._head}{said}\r\n".encode())

    async def post(self, path: str, body: Any) -> Answer:
        """Send JSON."""
        data = json.dumps(body).encode()
        said = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        return await self._ask(f"POST {path} HTTP/1.1\r\n{self._head}{said}\r\n".encode() + data)

    async def close(self) -> None:
        """Close what is idle."""
        for _, writer in self._idle:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _ask(self, request: bytes) -> Answer:
        connection = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        reader, writer = connection
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        body = await reader.readexactly(length)
        self._idle.append(connection)
        return Answer(int(head.split(" ", 2)[1]), body)
