"""Who did what with a household: readings of sealed text from `audit`, operators' acts from `interactions`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.acts import (
    ConsentTold,
    DecisionAnswered,
    ErasureTold,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.audit import SealedRead
from runtime.lookback import messages, messages_since
from runtime.settings import Settings
from runtime.transform import Message
from schemas.codec import check, decode


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `what` is `read` and the route, or the act and its answer."""

    at: datetime
    actor: str
    lead_id: str
    what: str
    id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: of a household, of a token, and from a moment on; None: of all."""

    lead_id: str | None = None
    actor: str | None = None
    since: datetime | None = None

    def wants(self, entry: Entry) -> bool:
        """Whether it is among them."""
        return (
            self.lead_id in (None, entry.lead_id)
            and self.actor in (None, entry.actor)
            and (self.since is None or entry.at >= self.since)
        )


ACTS: dict[type[Any], Callable[[Any], str]] = {
    ConsentTold: lambda act: "undo a refusal" if act.false_detection else f"consent {act.consent}",
    DecisionAnswered: lambda act: f"decision {act.answer} {act.decision_id}",
    ErasureTold: lambda act: f"erase {act.subject or 'the household'}",
    ReminderAnswered: lambda act: f"reminder {act.answer} {act.reminder_id}",
    ReminderSet: lambda act: f"remind at {act.due_at.isoformat()}",
    StatusTold: lambda act: f"status {act.status} ({act.kind})",
}
"""What carries an actor's name, in a few words; nothing of it is sealed."""


def entries(settings: Settings, asked: Asked) -> list[Entry]:
    """Those that are asked for, the newest last."""
    found = [*_reads(settings, asked), *_acts(settings, asked)]
    return sorted((each for each in found if asked.wants(each)), key=lambda each: (each.at, each.id))


def _reads(settings: Settings, asked: Asked) -> Iterator[Entry]:
    for message in _since(settings, "audit", asked.since):
        read: SealedRead = decode("audit", message.value or b"")
        yield Entry(read.recorded_at, read.actor, read.lead_id, f"read {read.route}", read.request_id)


def _acts(settings: Settings, asked: Asked) -> Iterator[Entry]:
    for message in _since(settings, "interactions", asked.since):
        data = message.value or b""
        if check("interactions", data).type in ACTS:
            act = decode("interactions", data)
            yield Entry(act.recorded_at, act.actor, act.lead_id, ACTS[type(act)](act), act.event_id)


def _since(settings: Settings, topic: str, since: datetime | None) -> Iterator[Message]:
    """A record is appended after it was made, so that none is missed."""
    return messages(settings, topic) if since is None else messages_since(settings, topic, since)
