"""What stands before every route: sizes, Host, token, rate, content type of the body, headers of the answer."""

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.bodies import bounded, too_large
from runtime.jwt_tokens import Issuer, looks_like_one
from runtime.metrics import Metrics
from runtime.problems import Problem, internal, unauthorized
from runtime.rates import Limiter, Rates
from runtime.tokens import Caller, Token, find

BODY_LIMIT = 256 * 1024
"""Bytes of a request's body: a transcript of 200 000 characters with everything around it."""
HEADERS_LIMIT, HEADERS_NUMBER, TARGET_LIMIT = 32 * 1024, 100, 8 * 1024
"""Bytes of all headers, how many there may be, and bytes of path and query: four times what browsers send."""

CALLER = "academy.caller"
"""Where the gate leaves the caller in the ASGI scope."""
REQUEST = "academy.request"
"""Where it leaves the id of the request, which the answer's header `Academy-Request` tells."""

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
_TLS = (b"strict-transport-security", b"max-age=31536000")
"""Only where TLS is known to be in front: a browser keeps to it for a year."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Label values; a client can invent more."""
_FORWARDED = ("forwarded", "x-forwarded-for")


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may pass, and how often: `hosts` besides loopback names ("*": any), body limits in bytes by path.

    `origins` are those whose pages may call, `tls` says that it ends in front of us.
    """

    tokens: tuple[Token, ...]
    hosts: frozenset[str] = frozenset()
    body_limit: int = BODY_LIMIT
    body_limits: Mapping[str, int] = field(default_factory=dict)
    issuer: Issuer | None = None
    rates: Rates = field(default_factory=Rates)
    origins: tuple[str, ...] = ()
    tls: bool = False


class Gate:
    """ASGI middleware around one app; routes then ask `web.caller` for the scope they need."""

    def __init__(self, app: ASGIApp, rules: Rules, metrics: Metrics) -> None:
        self._app, self._rules, self._metrics = app, rules, metrics
        self._limiter = Limiter(rules.rates)
        self._headers = (*_HEADERS, _TLS) if rules.tls else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, started = time.perf_counter(), 500, False
        told: dict[str, str] = {}

        async def answer(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                self._complete(message["headers"], scope["path"], told)
            await send(message)

        try:
            await self._pass(scope, receive, answer, told)
        except Exception:  # a fault of ours: the caller gets its problem, and whoever serves us logs it
            if not started:
                await internal().response()(scope, receive, answer)
            raise
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.answered(method, route, status, time.perf_counter() - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, told: dict[str, str]) -> None:
        headers = _headers(scope)
        scope["path"] = path = scope["path"].rstrip("/") or "/"
        limit = self._rules.body_limits.get(path, self._rules.body_limit)
        try:
            _check_sizes(scope)
            self._check_host(headers, path)
            if path == "/metrics":
                _check_local(scope, headers)
            if path == "/api" or path.startswith("/api/"):
                told["Academy-Request"] = scope[REQUEST] = str(uuid_utils.uuid7())
                await self._admit(scope, headers, told)
                _check_json(headers)
            elif path not in _PROBES:
                told |= self._limiter.came(scope.get("client"))
            _check_length(headers, limit)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, bounded(receive, limit), send)

    def _check_host(self, headers: Mapping[str, str], path: str) -> None:
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

    async def _admit(self, scope: Scope, headers: Mapping[str, str], told: dict[str, str]) -> None:
        """Who calls, unless too often; one who guesses at tokens is counted by address."""
        try:
            caller = await self._caller(headers)
        except Problem:
            self._limiter.came(scope.get("client"))
            raise
        told |= self._limiter.called(caller.name, scope["method"])
        scope[CALLER] = caller

    async def _caller(self, headers: Mapping[str, str]) -> Caller:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        secret = given.strip() if scheme.lower() == "bearer" else ""
        if (found := find(self._rules.tokens, secret)) is not None:
            return found
        if self._rules.issuer is not None and looks_like_one(secret):
            return await self._rules.issuer.caller(secret)
        raise unauthorized("A known bearer token is needed in Authorization.", "Bearer")

    def _complete(self, headers: list[tuple[bytes, bytes]], path: str, told: Mapping[str, str]) -> None:
        """A route's own header wins, as the dashboard's content policy does."""
        present = {name for name, _ in headers}
        headers += [(name, value) for name, value in self._headers if name not in present]
        headers += [(name.lower().encode(), value.encode()) for name, value in told.items()]
        if path.startswith("/api") and b"cache-control" not in present:
            headers.append((b"cache-control", b"no-store"))


def _headers(scope: Scope) -> dict[str, str]:
    """By name, the first where one comes twice; ASGI has the names in lower case."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def _check_sizes(scope: Scope) -> None:
    """What a server has read of a request before we see it; `runtime.connection` ends what never ends."""
    sizes = [len(name) + len(value) for name, value in scope["headers"]]
    if len(sizes) > HEADERS_NUMBER or sum(sizes) > HEADERS_LIMIT:
        raise Problem(
            431,
            "headers-too-large",
            f"There may be {HEADERS_NUMBER} headers of {HEADERS_LIMIT} bytes in all.",
            {"Connection": "close"},
        )
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > TARGET_LIMIT:
        raise Problem(414, "target-too-long", f"Path and query may have {TARGET_LIMIT} bytes.")


def _without_port(host: str) -> str:
    name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name.strip("[]").rstrip(".").lower()


@lru_cache(64)
def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_local(scope: Scope, headers: Mapping[str, str]) -> None:
    """A socket without an address is local; a proxy on this machine speaks for somebody else."""
    client = scope.get("client")
    if (client and not _is_loopback(client[0])) or any(name in headers for name in _FORWARDED):
        raise Problem(403, "loopback-only", "Metrics are given to this machine only.")


def _check_json(headers: Mapping[str, str]) -> None:
    empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not empty and kind != "application/json":
        raise Problem(415, "not-json", "The body must be application/json.", {"Accept": "application/json"})


def _check_length(headers: Mapping[str, str], limit: int) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise too_large(limit)
