"""What is written down of an erasure that was carried out: which keys went, which rows, and until when copies last."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A key that is gone, and the SHA-256 (hex) of what it was wrapped as: which one it was, and no way back."""

    subject: str
    key_id: str
    wrapped_sha256: str


@dataclass(frozen=True, slots=True)
class LastCopy:
    """Where something may still stand that no key protects, or a copy of a key, and until when at the most."""

    where: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """An erasure that was carried out; `purged` counts the rows of each view that went with it."""

    receipt_id: str
    lead_id: str
    subject: str | None
    erasure_event_id: str
    root_offset: int
    requested_at: datetime
    destroyed_at: datetime
    keys: tuple[DestroyedKey, ...]
    purged: dict[str, int]
    copies: tuple[LastCopy, ...]
