"""One HTTP connection: uvicorn's, ended where its client sends or takes too slowly, or its headers have no end."""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""From the first byte of a request to the end of its headers; of a new connection from its beginning."""
TAKE_S = 30.0
"""After so long without room for the next part of an answer its reader is given up."""
HEAD_LIMIT = 64 * 1024
"""Bytes of headers that have not ended yet: twice what the gate lets pass."""
_REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


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
    """Counts and times what uvicorn leaves open; a body that its route waits for is `runtime.bodies`' own."""

    head_s, take_s = HEAD_S, TAKE_S

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._head, self._take = Deadline(), Deadline()
        self._between, self._size = True, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A client that never says anything goes, too."""
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Any byte between two requests begins the next one, also one that the parser passes over."""
        heading = self._between
        if heading:
            self._begin()
        super().data_received(data)
        if self._head.awaited:
            self._size += len(data) if heading else 0
            self._refuse_endless()
        elif not self._between and self.cycle.response_complete:
            self._begin()  # the rest of a body whose answer was given without it

    def on_message_begin(self) -> None:
        """A request may begin in the read that ended the one before."""
        super().on_message_begin()
        self._size = 0
        self._begin()

    def on_headers_complete(self) -> None:
        """The head was there in time."""
        self._head.over()
        self._between, self._size = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes now is another request."""
        self._head.over()
        self._between = True
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
        self._head.over()
        self._take.over()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._head.begin(self.loop, self.head_s, self.transport.close)

    def _refuse_endless(self) -> None:
        if self._size > HEAD_LIMIT and not self.transport.is_closing():
            self.transport.write(_REFUSAL)
            self.transport.close()
