"""A key management service on loopback, and the provider that an operator would write for it: a stranger's to us."""

import base64
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.errors import NotReady
from runtime.master import Master, NotWrapped
from runtime.settings import Settings

ADDRESS = "TEST_KMS"
PATIENCE_S = 0.5
NONCE = 12


class Remote:
    """The master key that the service at an address keeps for us."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=PATIENCE_S)

    @property
    def fingerprint(self) -> str:
        return str(self._ask("fingerprint")["name"])

    def wrap(self, key_id: str, aes: bytes) -> bytes:
        return _bytes(self._ask("wrap", context=key_id, data=_text(aes)))

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        return _bytes(self._ask("unwrap", context=key_id, data=_text(wrapped)))

    def derived(self, label: str) -> bytes:
        return _bytes(self._ask("mac", context=label, data=""))

    def _ask(self, what: str, **told: str) -> dict[str, Any]:
        try:
            answer = self._client.post(f"/{what}", json=told)
        except httpx.TransportError as away:
            raise NotReady(f"the key management service does not answer ({type(away).__name__})") from None
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise NotWrapped("the key management service did not wrap this")
        if not answer.is_success:
            raise NotReady(f"the key management service refuses ({answer.status_code})")
        found: dict[str, Any] = answer.json()
        return found


def provider(_settings: Settings) -> Master:
    """What `ACADEMY_MASTER_KEY_PROVIDER` names."""
    return Remote(os.environ[ADDRESS])


@dataclass
class Service:
    """One key by name, in versions: it wraps under the newest and unwraps under any."""

    name: str = "projects/1/keys/families"
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    refuses: int | None = None
    hangs: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        self.versions.append(secrets.token_bytes(32))

    def answer(self, what: str, told: dict[str, str]) -> tuple[int, dict[str, str]]:
        self.asked.append(what)
        if self.refuses is not None:
            return self.refuses, {}
        if what == "fingerprint":
            return 200, {"name": self.name}
        data, context = base64.b64decode(told["data"]), told["context"].encode()
        try:
            return 200, {"data": _text(getattr(self, f"_{what}")(data, context))}
        except (InvalidTag, IndexError):
            return 400, {}

    def _wrap(self, data: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(self.versions[-1]).encrypt(nonce, data, context)
        return bytes([len(self.versions) - 1]) + nonce + sealed

    def _unwrap(self, data: bytes, context: bytes) -> bytes:
        return AESGCM(self.versions[data[0]]).decrypt(data[1 : 1 + NONCE], data[1 + NONCE :], context)

    def _mac(self, _data: bytes, context: bytes) -> bytes:
        return AESGCM(self.versions[0]).encrypt(bytes(NONCE), bytes(16), context)


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The address at which it answers until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if service.hangs.is_set():
                over.wait()
                return
            status, found = service.answer(self.path.lstrip("/"), told)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, name="kms")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(found: dict[str, Any]) -> bytes:
    return base64.b64decode(found["data"])
