"""Chance as a function: the same seed, purpose and subject give the same number for ever (P3, P4)."""

import hashlib

_RANGE = 1 << 64


def draw(seed: str, purpose: str, subject: str) -> float:
    """A number in [0, 1): the first 8 bytes of SHA-256 over the three, read as a fraction."""
    digest = hashlib.sha256(f"{seed}|{purpose}|{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _RANGE


def pick(seed: str, purpose: str, subject: str, count: int) -> int:
    """An index below `count`, each as likely as the next."""
    return int(draw(seed, purpose, subject) * count)
