"""One stream of changes over HTTP: its seat, what it sends first, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import structlog
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from projections.api.changes import Behind, Changes, Item, Mark, Wanted, event, place
from runtime.tokens import Token

log = structlog.get_logger()

SEND_S = 10.0
"""A client that takes nothing for so long is cut off; it may come back and go on where it was."""
RETRY_MS = 3_000
"""What a client waits before it comes back."""
PART = 200
"""Changes sent in one piece to one who comes back."""


class Stream(EventSourceResponse):
    """Server-sent events until the reader leaves, falls behind, or may read no more; then `leave` is called."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        super().__init__(events, ping=0, send_timeout=SEND_S)  # the feed keeps all connections open at once
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is; a reader that takes nothing is left alone with what it has."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("stream_cut", why="the client takes nothing")
        finally:
            self._leave()


def opening(now: Mark, missed: list[Item] | None, wanted: Wanted) -> Iterator[bytes]:
    """What is sent first: when to come back, what was missed or that too much was, and the place to go on from."""
    yield b"retry: %d\n\n" % RETRY_MS
    if missed is None:
        yield event("reset", {"reason": "what you missed is not kept: read everything anew"})
    found = missed or []
    for begin in range(0, len(found), PART):
        yield b"".join(change.told(wanted) for change in found[begin : begin + PART])
    yield place(now.spelt())


async def following(
    changes: Changes, number: int, wanted: Wanted, first: Iterator[bytes], token: Token
) -> AsyncIterator[bytes]:
    """The opening, then every change behind a number, until the token ends or the reader is too slow."""
    for part in first:
        yield part
    while (left := left_s(token)) is None or left > 0:
        try:
            async with asyncio.timeout(left):
                number, data = await changes.after(number, wanted)
        except TimeoutError:
            return
        except Behind:
            log.info("stream_cut", why="the client is too slow")
            return
        if data:
            yield data


def left_s(token: Token) -> float | None:
    """Seconds until a token ends; None: it never does."""
    return None if token.expires_at is None else (token.expires_at - datetime.now(UTC)).total_seconds()
