"""The public keys of who issues JWTs: from a URL or a file, remembered, asked for again when one is not known."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWKSet, PyJWTError

from runtime.errors import Misconfigured
from runtime.problems import unauthorized, unavailable

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
"""Signatures that need a private key to make: whoever can read our keys can make no token."""
PAUSE_S = 60.0
"""Between two questions to the issuer, whatever callers show us: nobody can make us flood it."""
OLD_S = 3600.0
"""Keys are asked for anew after so long, so that one that was withdrawn comes to its end."""
PATIENCE_S = 5.0
"""The issuer's answer; a caller waits for it."""
RSA_BITS = 2048
"""A shorter modulus is no longer safe (NIST SP 800-131A)."""

Fetch = Callable[[], Awaitable[bytes]]
_MALFORMED = (PyJWTError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a text that is no JWK set raises, wherever it is met first."""

log = structlog.get_logger()


class KeySet:
    """The issuer's keys by id; used on one event loop at a time."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._keys: dict[str, PyJWK] = {}
        self._asked = self._got = -math.inf
        self._asking: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> PyJWK:
        """The key of this id. A known one never waits.

        Raises the problem 401 where the issuer has no such key, and 503 while it cannot be asked.
        """
        known = self._keys.get(kid)
        if known is None or self._clock() - self._got > OLD_S:
            self._ask()
        if known is None and self._asking is not None and not self._asking.done():
            await asyncio.shield(self._asking)
            known = self._keys.get(kid)
        if known is not None:
            return known
        if self._got < self._asked:
            raise unavailable("The issuer's keys cannot be had now, and this token's is not known yet.")
        raise unauthorized("The token is signed with a key that its issuer does not list.")

    def _ask(self) -> None:
        """Begin to ask, unless that is under way or was done lately."""
        now = self._clock()
        if now - self._asked >= PAUSE_S:
            self._asked = now
            self._asking = asyncio.create_task(self._refresh(now))

    async def _refresh(self, now: float) -> None:
        try:
            self._keys = usable(await self._fetch())
            self._got = now
        except (httpx.HTTPError, OSError, *_MALFORMED) as wrong:
            log.warning("the issuer's keys cannot be had", why=type(wrong).__name__, known=len(self._keys))


def key_set(source: str) -> KeySet:
    """The keys at a URL, or in a file, which must be there; raises Misconfigured for what can never work."""
    place = urlsplit(source)
    if place.scheme in ("http", "https"):
        if place.scheme == "http" and place.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise Misconfigured("ACADEMY_JWT_JWKS must be https://: who can change the keys can make tokens")
        return KeySet(partial(_fetched, source))
    path = Path(source)
    try:
        usable(path.read_bytes())
    except OSError as wrong:
        raise Misconfigured(f"ACADEMY_JWT_JWKS cannot be read ({wrong.strerror}): {path}") from None
    except _MALFORMED:
        raise Misconfigured(
            f"ACADEMY_JWT_JWKS holds no key for {', '.join(sorted(ALGORITHMS))}: {path}"
        ) from None
    return KeySet(partial(asyncio.to_thread, path.read_bytes))


def usable(data: bytes) -> dict[str, PyJWK]:
    """The keys of a JWK set (RFC 7517) that have an id and verify an algorithm of ours; ValueError for none."""
    listed = PyJWKSet.from_json(data.decode("utf-8")).keys
    found = {key.key_id: key for key in listed if key.key_id and _is_usable(key)}
    if not found:
        raise ValueError("no usable key")
    return found


def _is_usable(key: PyJWK) -> bool:
    if key.algorithm_name not in ALGORITHMS or key.public_key_use not in (None, "sig"):
        return False
    return not isinstance(key.key, RSAPublicKey) or key.key.key_size >= RSA_BITS


async def _fetched(url: str) -> bytes:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        return (await client.get(url)).raise_for_status().content
