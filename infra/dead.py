"""The dead letters of the services: what could not be handled, from where and why, and what became of it since.

All of it stands on the topics: a letter on `<group>.dead`, the record that redrives it on `<group>.redrive`.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ingest.identifiers import opaque
from runtime.errors import RuntimeFault
from runtime.letters import DISCARDS, is_note, redriven, said
from runtime.lookback import messages
from runtime.settings import Settings
from runtime.transform import Message
from schemas.topics import TOPICS

GROUPS = tuple(name.removesuffix(".dead") for name in TOPICS if name.endswith(".dead"))
"""Services that may set a record aside."""

LEFT_OUT = "dead-left-out"
"""Header of a letter whose key, value and headers were too large to be kept with it."""

Standing = Literal["waiting", "redriven", "discarded"]


class NoLetter(RuntimeFault):
    """No dead letter stands at this place."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that was set aside, and where it stood; `key` is an id, None where it is none or may be no id."""

    group: str
    partition: int
    offset: int
    source: str
    event: str | None
    key: str | None
    error: str
    reason: str
    size: int
    state: Standing
    left_out: bool

    @property
    def place(self) -> str:
        """How `academy dead` takes it."""
        return f"{self.group}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter with the record that holds it."""

    letter: Letter
    record: Message


def letters(settings: Settings, groups: tuple[str, ...] = GROUPS) -> list[Kept]:
    """Every dead letter that is still kept, by group in the order in which they were set aside."""
    found = []
    for group in groups:
        redrive = f"{group}.redrive"
        again = messages(settings, redrive) if redrive in TOPICS else ()
        found += standing(group, messages(settings, f"{group}.dead"), again)
    return found


def standing(group: str, dead: Iterable[Message], again: Iterable[Message]) -> list[Kept]:
    """The letters of a group and what became of each, from all on `<group>.dead` and on `<group>.redrive`."""
    found = sorted(dead, key=lambda each: (each.partition, each.offset))
    discarded = {said(each)[DISCARDS] for each in found if is_note(each)}
    returned = {redriven(each) for each in again}
    kept = []
    for message in found:
        if is_note(message) or over(message):
            continue
        place = f"{group}/{message.partition}/{message.offset}"
        state: Standing = "discarded" if place in discarded else "waiting"
        kept.append(Kept(_letter(group, message, "redriven" if place in returned else state), message))
    return kept


def letter(settings: Settings, place: str) -> Letter:
    """The one at `<group>/<partition>/<offset>`; raises NoLetter."""
    group = place.partition("/")[0]
    return named(letters(settings, (group,)) if group in GROUPS else (), place).letter


def named(found: Iterable[Kept], place: str) -> Kept:
    """The letter at a place; raises NoLetter."""
    kept = next((each for each in found if each.letter.place == place), None)
    if kept is None:
        raise NoLetter(
            f"there is no dead letter {place}; `academy dead list --all` shows those that are kept"
        )
    return kept


def stood_at(message: Message) -> tuple[str, int, int] | None:
    """Topic, partition and offset at which a letter's record stood; None for what is no letter."""
    headers = said(message)
    try:
        return headers["dead-topic"], int(headers["dead-partition"]), int(headers["dead-offset"])
    except (KeyError, ValueError):
        return None


def over(message: Message) -> bool:
    """Whether a letter's time is over, though its segment is still there: its redriving may be gone before it."""
    kept_ms = int(TOPICS[message.topic].config["retention.ms"])
    appended = message.appended
    return appended is not None and appended.timestamp() * 1000 < time.time() * 1000 - kept_ms


def _letter(group: str, message: Message, state: Standing) -> Letter:
    headers = said(message)
    topic, number, offset = (headers.get(f"dead-{name}", "?") for name in ("topic", "partition", "offset"))
    return Letter(
        group=group,
        partition=message.partition,
        offset=message.offset,
        source=f"{topic}/{number}/{offset}",
        event=headers.get("event-type"),
        key=_id(message.key),
        error=headers.get("dead-class", "?"),
        reason=headers.get("dead-reason", "?"),
        size=message.size,
        state=state,
        left_out=LEFT_OUT in headers and message.key is None and message.value is None,
    )


def _id(key: bytes | None) -> str | None:
    """A sender's mistake may be a phone number: what does not look like an id is not shown."""
    try:
        return opaque((key or b"").decode())
    except ValueError:
        return None
