"""A read API with its projector over a real broker and database, and a listener to its stream."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from projections import service
from projections.api.settings import ApiSettings
from projections.migrate import upgrade
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.projector import Projector
from runtime.settings import Settings
from runtime.transform import Record
from schemas.codec import encode
from tests.broker import PATIENCE, eventually, write

SECRET = "a-secret-of-a-reader"


def reading(settings: Settings, **more: Any) -> ApiSettings:
    """The API's settings beside the services'."""
    tokens = SecretStr(f"reader:{SECRET}:read,writer:{SECRET}-of-a-writer:ingest")
    return ApiSettings.model_validate(
        {**settings.model_dump(), "tokens": tokens, "read_seconds": 5.0, **more}
    )


@contextmanager
def projecting(settings: Settings) -> Iterator[None]:
    """Every view is kept, in a thread, until the context ends."""
    assert settings.postgres is not None
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    stopping, health, failures = threading.Event(), Health(), list[BaseException]()
    projector = Projector(settings, service.build(), health, Metrics())

    def run() -> None:
        try:
            projector.run(stopping)
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        eventually(lambda: health.readiness.ready or failures, "the projector ready")
        yield
    finally:
        stopping.set()
        thread.join(PATIENCE)
        if failures:
            raise failures[0]


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of the app on a real server, in a thread, until the context ends."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        eventually(lambda: server.started, "the server")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()


def project(settings: Settings, *records: Record) -> None:
    """These records onto their topics, each where it was told to be."""
    for one in records:
        value = encode(one.topic, one.value)
        write(settings, one.topic, (one.key.encode(), value), partition=one.partition)


@dataclass
class Heard:
    """One block of a stream."""

    kind: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    comment: str = ""
    retry: str = ""


class Listener:
    """One client of the stream; every wait for it ends after a while."""

    def __init__(self, address: str, since: str | None = None, secret: str = SECRET, **asked: Any) -> None:
        headers = {"Authorization": f"Bearer {secret}"} | ({"Last-Event-ID": since} if since else {})
        self._client = httpx.Client(timeout=httpx.Timeout(PATIENCE))
        request = self._client.build_request("GET", f"{address}/api/events", params=asked, headers=headers)
        self.answer = self._client.send(request, stream=True)
        self._lines = self.answer.iter_lines()
        self.last = since or ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()
        self._client.close()

    def block(self) -> Heard:
        """The next block; StopIteration where the stream ended."""
        heard = Heard()
        while line := next(self._lines):
            name, _, value = line.partition(": ")
            if name == "data":
                heard.data = json.loads(value)
            else:
                setattr(heard, {"event": "kind", "": "comment"}.get(name, name), value)
        self.last = heard.id or self.last
        return heard

    def opened(self) -> Self:
        """Past what is sent first: from here on it hears what changes."""
        while not self.block().id:
            pass
        return self

    def event(self) -> Heard:
        """The next block that is an event."""
        while not (heard := self.block()).kind:
            pass
        return heard

    def events(self, count: int) -> list[Heard]:
        """So many of them."""
        return [self.event() for _ in range(count)]
