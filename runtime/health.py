"""Whether a process lives and serves: told by its loop, asked over HTTP on this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

SILENCE_S = 60.0
"""A loop that says nothing for so long hangs: no step of it may take longer (runtime rules 5 and 9)."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the process serves, how many records it is behind (None: unknown), and why in a few words."""

    ready: bool
    lag: int | None = None
    detail: str = ""

    def json(self) -> bytes:
        """Body of `/readyz`."""
        return json.dumps(asdict(self)).encode()

    @property
    def status(self) -> int:
        """HTTP status of `/readyz`."""
        return 200 if self.ready else 503


class Health:
    """What the loop last said of itself; written by one thread, read by another."""

    def __init__(self, silence_s: float = SILENCE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._silence_s, self._clock = silence_s, clock
        self._told, self._readiness = clock(), Readiness(ready=False, detail="starting")

    def beat(self) -> None:
        """The loop went round."""
        self._told = self._clock()

    def report(self, *, ready: bool, lag: int | None = None, detail: str = "") -> None:
        """The loop went round and says how it stands."""
        self._readiness = Readiness(ready, lag, detail)
        self.beat()

    @property
    def alive(self) -> bool:
        """Whether the loop spoke within the bound."""
        return self._clock() - self._told <= self._silence_s

    @property
    def readiness(self) -> Readiness:
        """As last reported; a hanging loop is not ready whatever it said."""
        return self._readiness if self.alive else Readiness(ready=False, detail="the loop hangs")


@contextmanager
def served(
    health: Health, registry: CollectorRegistry, port: int = 0, host: str = "127.0.0.1"
) -> Iterator[int]:
    """Serve `/healthz`, `/readyz` and `/metrics` from threads while the context lasts; gives the port (0: any free)."""
    pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
        "/healthz": lambda: (
            200 if health.alive else 503,
            "application/json",
            alive_json(alive=health.alive),
        ),
        "/readyz": lambda: (health.readiness.status, "application/json", health.readiness.json()),
        "/metrics": lambda: (200, CONTENT_TYPE_LATEST, generate_latest(registry)),
    }

    class Handler(BaseHTTPRequestHandler):
        """One question; `timeout` bounds a client that never asks it."""

        timeout = 5

        def do_GET(self) -> None:
            page = pages.get(self.path.rstrip("/"))
            status, kind, body = page() if page else (404, "text/plain", b"")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """A probe every second is no news."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), name="health", daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def alive_json(*, alive: bool) -> bytes:
    """Body of `/healthz`."""
    return json.dumps({"alive": alive}).encode()
