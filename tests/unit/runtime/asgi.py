"""An HTTP client onto an app in this process; every call runs to its end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp

BASE = "http://127.0.0.1:8001"


class Client:
    """One event loop and one client, for tests that are not asynchronous themselves."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self._runner, self._client = runner, client

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


@contextmanager
def client_of(
    app: ASGIApp, *, peer: str = "127.0.0.1", headers: dict[str, str] | None = None
) -> Iterator[Client]:
    """`peer` is the address that the app sees."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 50_000))
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)
        yield Client(runner, client)
        runner.run(client.aclose())
