"""Speaks chat completions over HTTP/1.1: one thread, one loop, and nothing that a test did not ask for."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.provider.says import Says, good

Answering = Callable[[dict[str, Any]], Says]


@dataclass
class Provider:
    """Answers with what is `queued`, then as `usually`; `asked` has the body of every question, `keys` who asked.

    The latency is that of an answer behind its question, whatever else there is to do.
    """

    usually: Answering = good
    latency_seconds: float = 0.0
    queued: deque[Says] = field(default_factory=deque)
    asked: MutableSequence[dict[str, Any]] = field(default_factory=list)
    keys: MutableSequence[str] = field(default_factory=list)

    @contextmanager
    def served(self, port: int = 0) -> Iterator[str]:
        """Its base URL, for as long as the context lasts; what hangs is let go at the end."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._opened(port), loop).result()
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        finally:
            asyncio.run_coroutine_threadsafe(_ended(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _opened(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._talk, "127.0.0.1", port, backlog=512)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._exchange(reader, writer):
                pass
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One question and its answer; False where the connection is to end."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        came = asyncio.get_running_loop().time()
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.asked.append(body)
        self.keys.append(headers.get("authorization", ""))
        says = self.queued.popleft() if self.queued else self.usually(body)
        due = came + (says.after_seconds or self.latency_seconds)
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        writer.write(says.encoded())
        await writer.drain()
        return not says.hangs_up


async def _ended(server: asyncio.Server) -> None:
    server.close()
    mine = asyncio.current_task()
    talks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in talks:
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
