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


def repeated(recent: bytes, event_id: str, body_hash: bytes) -> Verdict | None:
    """`duplicate` for an id seen with this body, `conflict` with another one, None for a new id."""
    wanted = _hash(event_id)
    for start in range(0, len(recent), _ENTRY):
        if recent[start : start + _HALF] == wanted:
            same = recent[start + _HALF : start + _ENTRY] == _padded(body_hash)
            return Verdict.DUPLICATE if same else Verdict.CONFLICT
    return None


def remember(recent: bytes, event_id: str, body_hash: bytes) -> bytes:
    """`recent` with one more id; the oldest goes."""
    return (recent + _hash(event_id) + _padded(body_hash))[-KEPT * _ENTRY :]


def _hash(event_id: str) -> bytes:
    return hashlib.sha256(event_id.encode()).digest()[:_HALF]


def _padded(body_hash: bytes) -> bytes:
    return body_hash[:_HALF].ljust(_HALF, b"\0")
