"""What the extractor remembers of a household: the event ids it has seen, and the SMS that are still to be read.

Messages of one person are read together, once their conversation rests or cannot wait any longer (T1). Time is the
partition's own: ticks release what has become due.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.events import Sealed
from domain.subjects import guardian
from domain.vocabulary import Direction, Flushed, Verdict

KEPT = 32
"""Ids remembered per household: more than a sender retries at once, and 512 bytes of state."""

QUIET = timedelta(minutes=5)
"""A conversation rests when nothing was said for so long."""
LONGEST = timedelta(minutes=15)
"""Nothing waits longer, however lively the conversation."""
MOST = 6
"""Messages that wait at the most."""
HEAVIEST = 60_000
"""Bytes of sealed words that wait at the most: state is written whole with every change."""

_HALF = 8
_ENTRY = 2 * _HALF


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is on the log and still to be read; its words stay sealed. `heard_at` is partition time."""

    event_id: str
    root_offset: int
    heard_at: datetime
    occurred_at: datetime
    direction: Direction
    guardian_id: str | None
    transcript: Sealed | None


@dataclass(frozen=True, slots=True)
class Thread:
    """The last ids and bodies, 8 bytes of a hash each, oldest first; and what waits, in the order of the log."""

    recent: bytes = b""
    waiting: tuple[Waiting, ...] = ()

    @property
    def due(self) -> datetime | None:
        """When the first of its conversations is to be read, unless more is said before."""
        return min(map(_ends, conversations(self.waiting)), default=None)


@dataclass(frozen=True, slots=True)
class Flush:
    """Messages of one conversation, in the order in which they were written, to be read together now, and why."""

    messages: tuple[Waiting, ...]
    why: Flushed

    @property
    def inbound(self) -> tuple[Waiting, ...]:
        """What the family wrote."""
        return tuple(one for one in self.messages if one.direction is Direction.INBOUND)


def conversations(waiting: Iterable[Waiting]) -> list[tuple[Waiting, ...]]:
    """What waits, by the person of the household."""
    by_person: dict[str | None, list[Waiting]] = {}
    for message in waiting:
        by_person.setdefault(message.guardian_id, []).append(message)
    return [tuple(messages) for messages in by_person.values()]


def buffered(thread: Thread, message: Waiting, *, urgent: bool) -> tuple[Thread, Flush | None]:
    """The thread with one more message, or the conversation that is to be read with it at once (T1)."""
    ours = tuple(one for one in thread.waiting if one.guardian_id == message.guardian_id)
    together = (*ours, message)
    why = _why(together, urgent=urgent)
    if why is None:
        return replace(thread, waiting=(*thread.waiting, message)), None
    return _without(thread, ours), _flush(together, why)


def woken(thread: Thread, now: datetime) -> tuple[Thread, tuple[Flush, ...]]:
    """The thread at a moment of the partition's time, and the conversations that are due by then."""
    flushed = []
    for messages in conversations(thread.waiting):
        if _ends(messages) <= now:
            quiet = messages[-1].heard_at + QUIET <= now
            flushed.append(_flush(messages, Flushed.QUIET if quiet else Flushed.LONGEST))
            thread = _without(thread, messages)
    return thread, tuple(flushed)


def forgotten(thread: Thread, subject: str | None) -> Thread:
    """Without what a person of the household has to say, or without all of it for None (A5)."""
    if subject is None:
        return replace(thread, waiting=())
    return replace(thread, waiting=tuple(one for one in thread.waiting if not _is_by(subject, one)))


def _is_by(subject: str, message: Waiting) -> bool:
    return message.guardian_id is not None and guardian(message.guardian_id) == subject


def _ends(messages: tuple[Waiting, ...]) -> datetime:
    return min(messages[-1].heard_at + QUIET, messages[0].heard_at + LONGEST)


def _why(messages: tuple[Waiting, ...], *, urgent: bool) -> Flushed | None:
    """Why they cannot wait for more, if they cannot."""
    if urgent:
        return Flushed.URGENT
    if len(messages) >= MOST:
        return Flushed.COUNT
    weight = sum(len(one.transcript.box) for one in messages if one.transcript is not None)
    return Flushed.WEIGHT if weight > HEAVIEST else None


def _flush(messages: tuple[Waiting, ...], why: Flushed) -> Flush:
    return Flush(tuple(sorted(messages, key=lambda one: one.occurred_at)), why)


def _without(thread: Thread, messages: tuple[Waiting, ...]) -> Thread:
    return replace(thread, waiting=tuple(one for one in thread.waiting if one not in messages))


def seen(thread: Thread | None, event_id: str, body_hash: bytes) -> tuple[Thread, Verdict | None]:
    """The thread after an id: with it, or as it was where the id was seen before, and then what that makes of it."""
    known = thread or Thread()
    again = repeated(known.recent, event_id, body_hash)
    if again is not None:
        return known, again
    return replace(known, recent=remember(known.recent, event_id, body_hash)), None


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
