"""What a message says besides its event: when it was told, its trace, and where it stood as a dead letter (rule 16)."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from runtime.errors import Misconfigured, Rejected
from runtime.transform import Emit, Headers, Message

LETTER_BYTES = 900_000
"""Of a dead letter: the producer refuses more than 1 MB, which a compressed batch of the source may exceed."""

_TRACE = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

OURS = ("dead-", "redrive-")
"""How the headers begin that a letter has beside its own."""


def buried(message: Message, group: str, reason: Exception) -> Emit:
    """The dead letter of a message, bytes untouched, or their size and place where they are too many."""
    if message.size > LETTER_BYTES:
        left_out = f"key, value and headers, {message.size} bytes; read them where the record stood"
        message = msgspec.structs.replace(
            message, key=None, value=None, headers=[("dead-left-out", left_out.encode())]
        )
    said = message.dead(group, reason)
    return Emit(f"{group}.dead", message.partition, message.key, message.value, said)


def original(letter: Message, source: str) -> Message:
    """The message that a redriven letter was, at the place where it stood; raises Rejected for what never was one."""
    said = dict(letter.headers)
    offset = said.get("dead-offset", b"")
    place = said.get("dead-topic"), said.get("dead-partition")
    if place != (source.encode(), str(letter.partition).encode()) or not offset.isdigit():
        raise Rejected(f"not a dead letter of {source}/{letter.partition}; use `academy dead redrive`")
    own = [header for header in letter.headers if not header[0].startswith(OURS)]
    return msgspec.structs.replace(letter, topic=source, offset=int(offset), headers=own)


def told(message: Message, value: Any) -> tuple[Any, datetime]:
    """The event, and when it was told: as it says but never after the broker's own time, else by that time."""
    recorded: datetime | None = getattr(value, "recorded_at", message.appended)
    if recorded is None:
        raise Rejected(f"the broker gave it no time; run `academy topics apply` to mend {message.topic}")
    if message.appended is not None and recorded > message.appended:
        return replace(value, recorded_at=message.appended), message.appended
    return value, recorded


def carried(trace: bytes | None) -> Headers:
    """The headers that pass a trace context on."""
    return [("traceparent", trace)] if trace else []


def trace_of(message: Message) -> bytes | None:
    """The record's trace context; a malformed one is left out, for it is passed on as it stands."""
    for name, value in message.headers:
        if name == "traceparent":
            return value if _TRACE.fullmatch(value) else None
    return None


def made_anew(message: Message, expected: int) -> Misconfigured:
    """What there is to say of a message that came twice."""
    return Misconfigured(
        f"{message.topic}/{message.partition}: offset {message.offset} came where {expected} was next: the topic was "
        "made anew while the service ran; restore it, or begin under another prefix"
    )
