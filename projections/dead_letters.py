"""The view of dead letters: what each service has set aside, why, and what operators did with it since.

Only headers that our services write are looked at: nothing of a record's key or value gets here.
"""

from collections.abc import Iterable
from typing import Any

from projections.event_tables import dead_letters
from runtime.letters import CLASS, DISCARDS, is_note, redriven, said
from runtime.transform import Message, Record
from runtime.views import View
from schemas.topics import TOPICS


def from_dead(record: Record) -> Iterable[dict[str, Any]]:
    """A letter, or the note that nobody wants one."""
    message = record.value
    if not isinstance(message, Message):
        return
    headers = said(message)
    if is_note(message):
        yield from _note(headers[DISCARDS], "discarded_at", record)
    elif CLASS in headers:
        yield {
            "group": message.topic.partition(".")[0],
            "partition": record.partition,
            "offset": record.offset,
            "at": record.now,
            "topic": headers.get("dead-topic"),
            "record_partition": _number(headers.get("dead-partition", "")),
            "record_offset": _number(headers.get("dead-offset", "")),
            "event": _event(headers),
            "error": headers[CLASS],
            "reason": headers.get("dead-reason"),
        }


def from_redrive(record: Record) -> Iterable[dict[str, Any]]:
    """A letter was given back to its service."""
    if isinstance(record.value, Message):
        yield from _note(redriven(record.value), "redriven_at", record)


def _note(place: str, column: str, record: Record) -> Iterable[dict[str, Any]]:
    group, _, rest = place.partition("/")
    partition, _, offset = rest.partition("/")
    if f"{group}.dead" in TOPICS and partition.isdecimal() and offset.isdecimal():
        yield {"group": group, "partition": int(partition), "offset": int(offset), column: record.now}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _event(headers: dict[str, str]) -> str | None:
    """A sender may write anything there: only a name that the catalogue has is kept."""
    topic = TOPICS.get(headers.get("dead-topic", ""))
    event = headers.get("event-type")
    return event if topic is not None and event in topic.events else None


VIEW = View(
    dead_letters,
    {name: from_dead for name in TOPICS if name.endswith(".dead")}
    | {name: from_redrive for name in TOPICS if name.endswith(".redrive")},
)
