"""What the extractor remembers of a household: the event ids it has seen, so as to answer repeats."""

import hashlib
from dataclasses import dataclass

from domain.vocabulary import Verdict

KEPT = 32
"""Ids remembered per household: more than a sender retries at once, and 512 bytes of state."""

_HALF = 8
_ENTRY = 2 * _HALF


@dataclass(frozen=True, slots=True)
class Thread:
    """The last ids and bodies, 8 bytes of a hash each, oldest first."""

    recent: bytes = b""


def seen(thread: Thread | None, event_id: str, body_hash: bytes) -> tuple[Thread, Verdict | None]:
    """The thread after an id: with it, or as it was where the id was seen before, and then what that makes of it."""
    known = thread or Thread()
    again = repeated(known.recent, event_id, body_hash)
    return (Thread(remember(known.recent, event_id, body_hash)) if again is None else known), again


def repeated(recent: bytes, event_id: str, body_hash: bytes) -> Verdict | None:
    """`duplicate` for an id seen with this body, `conflict` with another one, None for a new id."""
    wanted = _hash(event_id)
    start = recent.find(wanted)
    while start > 0 and start % _ENTRY:  # not an id: halves of others that lie side by side
        start = recent.find(wanted, start + 1)
    if start < 0:
        return None
    same = recent[start + _HALF : start + _ENTRY] == _padded(body_hash)
    return Verdict.DUPLICATE if same else Verdict.CONFLICT


def remember(recent: bytes, event_id: str, body_hash: bytes) -> bytes:
    """`recent` with one more id; the oldest goes."""
    return (recent + _hash(event_id) + _padded(body_hash))[-KEPT * _ENTRY :]


def _hash(event_id: str) -> bytes:
    return hashlib.sha256(event_id.encode()).digest()[:_HALF]


def _padded(body_hash: bytes) -> bytes:
    return body_hash[:_HALF].ljust(_HALF, b"\0")
