"""One HTTP connection: uvicorn's, ended where its client sends or takes too slowly, or its headers have no end."""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""From the first byte of a request to the end of its headers; of a new connection from its beginning."""
BODY_S = 60.0
"""From there to the end of the body: 8 MB of a batch over a line of 1 Mbit/s."""
TAKE_S = 30.0
"""After so long without room for the next part of an answer its reader is given up."""
HEAD_LIMIT = 64 * 1024
"""Bytes of headers that have not ended yet: twice what the gate lets pass."""
_END = b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE, _TOO_SLOW = (
    b"HTTP/1.1 431 Request Header Fields Too Large" + _END,
    b"HTTP/1.1 408 Request Timeout" + _END,
)


class Deadline:
    """Something that happens unless what it waits for comes first."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    @property
    def awaited(self) -> bool:
        """Whether it is waited for now."""
        return self._timer is not None

    def begin(self, loop: asyncio.AbstractEventLoop, seconds: float, end: Callable[[], None]) -> None:
        """Wait from now on; one that is waited for already stays as it is."""
        if self._timer is None:
            self._timer = loop.call_later(seconds, end)

    def over(self) -> None:
        """It came, or is waited for no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Connection(HttpToolsProtocol):
    """Counts and times what uvicorn leaves open; a request that comes in one piece costs nothing more."""

    head_s, body_s, take_s = HEAD_S, BODY_S, TAKE_S

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._head, self._body, self._take = Deadline(), Deadline(), Deadline()
        self._between, self._whole, self._size = True, False, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A client that never says anything goes, too."""
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Any byte between two requests begins the next one, also one that the parser passes over."""
        heading, self._whole = self._between, False
        super().data_received(data)
        if not self._between:
            self._body.begin(self.loop, self.body_s, self._end_body)
        elif not self._whole:
            self._begin()
            self._size += len(data) if heading else 0
            self._refuse_endless()

    def on_message_begin(self) -> None:
        """A request may begin in the read that ended the one before."""
        super().on_message_begin()
        self._whole, self._size = False, 0

    def on_headers_complete(self) -> None:
        """The head was there in time."""
        self._head.over()
        self._between, self._size = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes now is another request."""
        self._body.over()
        self._between = self._whole = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client leaves more unread than is buffered for it."""
        super().pause_writing()
        self._take.begin(self.loop, self.take_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read on."""
        super().resume_writing()
        self._take.over()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        for deadline in (self._head, self._body, self._take):
            deadline.over()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._head.begin(self.loop, self.head_s, self.transport.close)

    def _refuse_endless(self) -> None:
        if self._size > HEAD_LIMIT and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _end_body(self) -> None:
        """Told to who still waits for an answer; it may have been given without the body, or be another's turn."""
        if not (self.cycle.response_started or self.pipeline or self.transport.is_closing()):
            self.transport.write(_TOO_SLOW)
        self.transport.close()
