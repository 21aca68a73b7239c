"""What stands before every route: Host, token, content type and size of the body, headers of the answer."""

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.metrics import Metrics
from runtime.problems import Problem
from runtime.tokens import Token, find

BODY_LIMIT = 256 * 1024
"""Bytes of a request's body: a transcript of 200 000 characters with everything around it."""

CALLER = "academy.caller"
"""Where the gate leaves the caller's token in the ASGI scope."""

_PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by address, as Kubernetes does: no Host is expected of them."""
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""As ASGI wants them, in lower case."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Label values; a client can invent more."""
_FORWARDED = ("forwarded", "x-forwarded-for")


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may pass: `hosts` besides loopback names ("*": any), body limits in bytes by path."""

    tokens: tuple[Token, ...]
    hosts: frozenset[str] = frozenset()
    body_limit: int = BODY_LIMIT
    body_limits: Mapping[str, int] = field(default_factory=dict)


class Gate:
    """ASGI middleware around one app; routes then ask `web.caller` for the scope they need."""

    def __init__(self, app: ASGIApp, rules: Rules, metrics: Metrics) -> None:
        self._app, self._rules, self._metrics = app, rules, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(message["headers"], scope["path"])
            await send(message)

        try:
            await self._pass(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.answered(method, route, status, time.perf_counter() - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        scope["path"] = path = scope["path"].rstrip("/") or "/"
        try:
            self._check_host(headers, path)
            if path == "/metrics":
                _check_local(scope, headers)
            if path == "/api" or path.startswith("/api/"):
                scope[CALLER] = self._caller(headers)
                _check_json(headers)
            limit = self._rules.body_limits.get(path, self._rules.body_limit)
            _check_length(headers, limit)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, limit), send)

    def _check_host(self, headers: Headers, path: str) -> None:
        if path in _PROBES or "*" in self._rules.hosts:
            return
        host = headers.get("host", "")
        if not host:
            raise Problem(400, "no-host", "The request has no Host header.")
        name = _without_port(host)
        if not _is_loopback(name) and name not in self._rules.hosts:
            raise Problem(
                421, "foreign-host", "This Host is not served here; ACADEMY_ALLOW_HOSTS lists the others."
            )

    def _caller(self, headers: Headers) -> Token:
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        found = find(self._rules.tokens, secret.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Problem(
                401,
                "unauthorized",
                "A known bearer token is needed in Authorization.",
                {"WWW-Authenticate": "Bearer"},
            )
        return found


def _without_port(host: str) -> str:
    name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name.strip("[]").rstrip(".").lower()


@lru_cache(64)
def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_local(scope: Scope, headers: Headers) -> None:
    """A socket without an address is local; a proxy on this machine speaks for somebody else."""
    client = scope.get("client")
    if (client and not _is_loopback(client[0])) or any(name in headers for name in _FORWARDED):
        raise Problem(403, "loopback-only", "Metrics are given to this machine only.")


def _check_json(headers: Headers) -> None:
    empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not empty and kind != "application/json":
        raise Problem(415, "not-json", "The body must be application/json.", {"Accept": "application/json"})


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> Problem:
    return Problem(413, "too-large", f"The body is over {limit} bytes.")


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count what really comes: a length may be absent or a lie."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return bounded


def _complete(headers: list[tuple[bytes, bytes]], path: str) -> None:
    """A route's own header wins, as the dashboard's content policy does."""
    present = {name for name, _ in headers}
    headers += [(name, value) for name, value in _HEADERS if name not in present]
    if path.startswith("/api") and b"cache-control" not in present:
        headers.append((b"cache-control", b"no-store"))
