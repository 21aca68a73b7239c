"""Clients that send or take too slowly, over a real socket; patience is a fifth of a second here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from runtime.connection import HEAD_LIMIT, Connection

PATIENCE = 0.2
DEADLINE = 10.0
"""After so long a test fails that waits for the server to hang up."""
BIG = b"x" * 8_000_000
"""More than the buffers of two sockets hold."""

Test = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Hasty(Connection):
    head_s = body_s = take_s = PATIENCE


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """`/big` answers with more than anybody takes at once, `/early` before the body is there, others with it."""
    body = b""
    while scope["path"] != "/early":
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    body = BIG if scope["path"] == "/big" else body
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(kind: type[Connection]) -> AsyncIterator[int]:
    quiet: dict[str, Any] = {"ws": "none", "lifespan": "off", "log_config": None}
    config = uvicorn.Config(app, port=0, http=kind, timeout_keep_alive=60, **quiet)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    (socket,) = server.servers[0].sockets
    try:
        yield socket.getsockname()[1]
    finally:
        server.should_exit = True
        await running


def tried(test: Test, kind: type[Connection] = Hasty) -> None:
    async def trial() -> None:
        async with served(kind) as port, asyncio.timeout(DEADLINE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**16)
            try:
                await test(reader, writer)
            finally:
                writer.close()

    asyncio.run(trial())


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All until the server hangs up, however it does."""
    found = b""
    try:
        while part := await reader.read(65_536):
            found += part
    except ConnectionError:
        pass
    return found


async def trickled(writer: asyncio.StreamWriter, byte: bytes) -> None:
    """A byte every few milliseconds until nobody takes it."""
    try:
        while not writer.is_closing():
            writer.write(byte)
            await writer.drain()
            await asyncio.sleep(PATIENCE / 20)
    except ConnectionError:
        pass


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begin: bytes, byte: bytes) -> bytes:
    """What is answered to a beginning and an endless trickle behind it, until the server hangs up."""
    writer.write(begin)
    trickle = asyncio.create_task(trickled(writer, byte))
    found = await rest(reader)
    trickle.cancel()
    return found


@pytest.mark.parametrize(
    ("begin", "byte"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (b"GET / HT", b""),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"x"),
        (b"GET /", b"x"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT", b""),
    ],
    ids=["silent", "empty lines", "half a line", "a header", "a path", "between requests", "behind another"],
)
def test_a_head_that_does_not_end_is_cut_off(begin: bytes, byte: bytes) -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answered = await cut(reader, writer, begin, byte)
        assert answered.count(b"HTTP/1.1 ") == begin.count(b"\r\n\r\n")

    tried(test)


def test_endless_headers_are_refused_before_they_are_kept() -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * HEAD_LIMIT)
        await asyncio.sleep(0)
        writer.write(b"x" * HEAD_LIMIT)
        answered = await rest(reader)
        assert answered.startswith(b"HTTP/1.1 431 ") or not answered, "a reset may overtake the answer"

    tried(test, Connection)


@pytest.mark.parametrize("byte", [b"", b"x"], ids=["nothing", "a byte at a time"])
def test_a_body_that_does_not_end_is_answered_and_cut_off(byte: bytes) -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx"
        answered = await cut(reader, writer, begin, byte)
        assert answered.startswith(b"HTTP/1.1 408 ") or (byte and not answered), (
            "a reset may overtake the answer"
        )

    tried(test)


def test_the_rest_of_a_body_that_was_answered_may_not_trickle_for_ever() -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        assert (await cut(reader, writer, begin, b"x")).startswith(b"HTTP/1.1 200 ")

    tried(test)


def test_who_takes_nothing_of_an_answer_is_given_up() -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(5 * PATIENCE)
        assert len(await rest(reader)) < len(BIG)

    tried(test)


def test_who_keeps_the_pace_is_served_as_ever() -> None:
    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for size in (0, 10, 300_000):
            head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            writer.write(head.encode() + b"x" * size)
            assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 200 OK\r\n"
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(size) == b"x" * size
            await asyncio.sleep(1.5 * PATIENCE)
        writer.write(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        for _ in range(3):
            await reader.readuntil(b"\r\n\r\n")

    tried(test)
