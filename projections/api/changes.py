"""What changed, kept for a while for everybody who listens; each listener only remembers how far it has come."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

Kind = Literal["lead", "decision", "erased"]
KINDS: tuple[Kind, ...] = ("lead", "decision", "erased")
KEPT = 10_000
"""Changes that a listener may be behind, about 400 bytes each for all of them together."""
Vector = tuple[int, ...]
"""Of each partition of `leads`, in their order, the offset that comes next."""


class Behind(Exception):
    """The listener takes in less than happens: what it has not read is kept no more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a listener asked for; no lead named means every lead."""

    leads: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Change:
    """One lead as the views show it now; `decision_id` where a decision came in force that was not told yet."""

    lead_id: str
    sequence: int
    decision_id: str | None
    after: str  # the vector that a listener has reached with it

    def told(self, wanted: Wanted) -> bytes:
        """Its events, of the kinds that were asked for; the last has the place to go on from."""
        if wanted.leads and self.lead_id not in wanted.leads:
            return b""
        found = []
        if "lead" in wanted.kinds:
            found.append(event("lead", {"lead_id": self.lead_id, "sequence": self.sequence}))
        if "decision" in wanted.kinds and self.decision_id:
            found.append(event("decision", {"decision_id": self.decision_id, "lead_id": self.lead_id}))
        return b"".join((*found[:-1], b"id: %b\n" % self.after.encode(), *found[-1:])) if found else b""


@dataclass(frozen=True, slots=True)
class Erased:
    """A household that was erased, or one person of it: what is kept of them elsewhere is to go."""

    lead_id: str
    subject: str | None
    after: str

    def told(self, wanted: Wanted) -> bytes:
        """Its event, where it was asked for."""
        if "erased" not in wanted.kinds or (wanted.leads and self.lead_id not in wanted.leads):
            return b""
        told = event("erased", {"lead_id": self.lead_id, "subject": self.subject})
        return b"id: %b\n" % self.after.encode() + told


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing changed for a while: keeps the connection open, and moves the place to go on from."""

    after: str

    def told(self, _wanted: Wanted) -> bytes:
        """A comment, and an id without data, which no client takes for an event."""
        return place(self.after, b": still here\n")


def event(kind: str, data: dict[str, object]) -> bytes:
    """One server-sent event without an id."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode(data))


def place(after: str, before: bytes = b"") -> bytes:
    """An id alone: the client goes on from there."""
    return before + b"id: %b\n\n" % after.encode()


Item = Change | Erased | Beat


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody was told: the vector, and the microsecond of the last erasure, 0 for none."""

    vector: Vector = ()
    erased: int = 0

    def spelt(self) -> str:
        """As an event's id: `1043.993-1796000000000000`."""
        return f"{'.'.join(map(str, self.vector))}-{self.erased}"


def mark_of(text: str) -> Mark:
    """The mark of an event's id, which the route has held to its pattern; an older release's has no erasure."""
    vector, _, erased = text.partition("-")
    return Mark(tuple(map(int, vector.split("."))), int(erased or 0))


class Changes:
    """The latest changes in order, each with a number; lives on one event loop."""

    def __init__(self, kept: int = KEPT) -> None:
        self._items: deque[Item] = deque(maxlen=kept)
        self._moved = asyncio.Event()
        self._joined: dict[tuple[int, frozenset[Kind]], bytes] = {}
        self.end = 0

    def add(self, items: Iterable[Item]) -> None:
        """Wake everybody who waits."""
        before = self.end
        for item in items:
            self._items.append(item)
            self.end += 1
        if self.end > before:
            self._joined.clear()
            self._moved.set()
            self._moved = asyncio.Event()

    async def after(self, number: int, wanted: Wanted) -> tuple[int, bytes]:
        """Wait for what comes behind a number; the number then reached, and what is to be sent, perhaps nothing.

        Raises Behind.
        """
        while number == self.end:
            await self._moved.wait()
        if number < self.end - len(self._items):
            raise Behind
        return self.end, self._since(number, wanted)

    def _since(self, number: int, wanted: Wanted) -> bytes:
        """Listeners to everything who are equally far share one text."""
        if wanted.leads:
            return _told(self._newest(self.end - number), wanted)
        asked = (number, wanted.kinds)
        if asked not in self._joined:
            self._joined[asked] = _told(self._newest(self.end - number), wanted)
        return self._joined[asked]

    def _newest(self, count: int) -> Sequence[Item]:
        """Taken from the end: a deque's middle is far."""
        found = [item for _, item in zip(range(count), reversed(self._items), strict=False)]
        return found[::-1]


def _told(items: Iterable[Item], wanted: Wanted) -> bytes:
    return b"".join(item.told(wanted) for item in items)
