"""Who calls: bearer tokens, each with a name and scopes; only digests of their secrets are kept."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from runtime.errors import Misconfigured

SHORTEST = 16
"""Characters of a secret below which it could be guessed."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a caller may be called: nothing that would need care in a log, a header or an id."""


class Scope(StrEnum):
    """What a token may do; none implies another."""

    INGEST = "ingest"
    READ = "read"
    OPERATE = "operate"
    ANALYSE = "analyse"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and what for; the name goes into event ids, audit records and logs.

    `expires_at` is when the right to call ends; None: it does not.
    """

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token(Caller):
    """A caller that is known by a secret; the secret itself goes nowhere."""

    secret_sha256: bytes = field(repr=False, kw_only=True)


def token(name: str, secret: str, scopes: frozenset[Scope] = frozenset(Scope)) -> Token:
    """A token by its secret, with all scopes unless told."""
    return Token(name, scopes, secret_sha256=hashlib.sha256(secret.encode()).digest())


def find(tokens: tuple[Token, ...], secret: str) -> Token | None:
    """The token with this secret; every digest is compared in constant time."""
    digest = hashlib.sha256(secret.encode("utf-8", "replace")).digest()
    found = None
    for known in tokens:
        if hmac.compare_digest(known.secret_sha256, digest):
            found = known
    return found


def parse_tokens(text: str) -> tuple[Token, ...]:
    """Tokens of `name:secret:scope+scope,...`; raises Misconfigured with a place and never a secret."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    tokens = tuple(_parsed(number, part) for number, part in enumerate(parts, 1))
    names = [known.name for known in tokens]
    if len(set(names)) < len(names):
        raise Misconfigured("ACADEMY_TOKENS gives two tokens the same name; names go into event ids")
    return tokens


def file_token(path: Path) -> Token | None:
    """The token `local` with all scopes, whose secret is the file's text; None if there is no such file."""
    try:
        secret = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    if len(secret) < SHORTEST:
        raise Misconfigured(f"{path} holds no token; remove it and a new one is made")
    return token("local", secret)


def _parsed(number: int, part: str) -> Token:
    fields = part.split(":")
    where = f"token {number} of ACADEMY_TOKENS"
    if len(fields) != 3 or not NAME.fullmatch(fields[0]):
        raise Misconfigured(f"{where} must be name:secret:scope+scope")
    name, secret, names = fields
    if len(secret) < SHORTEST:
        raise Misconfigured(f"{where} ({name}) needs a secret of at least {SHORTEST} characters")
    try:
        return token(name, secret, frozenset(Scope(scope) for scope in names.split("+")))
    except ValueError:
        raise Misconfigured(f"{where} ({name}) has an unknown scope; there are: {', '.join(Scope)}") from None
