"""A transform that writes down what it was given, and wakes its keys when their contacts say so."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.events import InteractionRecorded, Repeated, Tick, TickEnriched
from domain.states import Lead
from domain.vocabulary import Verdict
from runtime.errors import NotReady, Rejected
from runtime.state import Partition
from runtime.transform import Emit, Message, Output, Record, Transform, Wake
from schemas.codec import decode, encode
from schemas.position import Position
from schemas.topics import POSITION_KEY, TICK_KEY
from tests import given

SOON = timedelta(minutes=1)
UNWANTED = "unwanted"
"""Event id of a record that the handler rejects."""


class Diary:
    """A lead's due moment is its last contact's `occurred_at`, or soon; a wake sets it to `again` after its tick.

    `away` is how many times the handler still says that something outside is not there.
    """

    def __init__(self, again: timedelta | None = None) -> None:
        self.again, self.away = again, 0

    def transform(self) -> Transform[Lead]:
        return Transform(
            name="decider",
            sources=("interactions",),
            changelog="leads",
            handle=self._handle,
            due=lambda lead: lead.decays_at,
        )

    def _handle(self, state: Lead | None, record: Record | Wake) -> tuple[Lead | None, tuple[Output, ...]]:
        if self.away:
            self.away -= 1
            raise NotReady("away")
        if isinstance(record, Wake):
            assert state is not None
            due = record.now + self.again if self.again is not None else None
            return replace(state, decays_at=due), (_said(record.key, "wake", record.root_offset, record.now),)
        event = record.value
        if isinstance(event, Tick):
            return None, (Output("enriched", record.key, TickEnriched(event.recorded_at, record.offset)),)
        if event.event_id == UNWANTED:
            raise Rejected("nobody wants it")
        lead = state or Lead(event.lead_id)
        due = max(event.occurred_at, record.now + SOON)  # a moment is never set in the past
        after = replace(lead, interactions=lead.interactions + 1, decays_at=due)
        return after, (_said(record.key, event.event_id, record.offset, record.now),)


def _said(key: str, event_id: str, root: int, now: datetime) -> Output:
    return Output("enriched", key, Repeated(event_id, event_id, key, root, now, Verdict.DUPLICATE))


class Log:
    """One partition's messages, each at the next offset."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def add(self, key: bytes | None, data: bytes | None, **changes: Any) -> Message:
        offset = len(self.messages)
        plain = Message("interactions", 0, offset, key, data, [], None)
        self.messages.append(msgspec.structs.replace(plain, **changes))
        return self.messages[-1]

    def contact(
        self, lead_id: str = "fam-1", at: datetime = given.NOON, due: datetime | None = None, **changes: Any
    ) -> Message:
        """A contact after which its lead is due at `due`."""
        event = given.recorded(
            at, len(self.messages), lead_id=lead_id, occurred_at=due or given.later(days=99)
        )
        return self.add(lead_id.encode(), encode("interactions", event), **changes)

    def unwanted(self) -> Message:
        event: InteractionRecorded = replace(given.recorded(), event_id=UNWANTED)
        return self.add(b"fam-1", encode("interactions", event))

    def tick(self, **delta: float) -> Message:
        return self.add(TICK_KEY.encode(), encode("interactions", Tick(given.later(**delta))))


def answers(partition: Partition[Any]) -> list[tuple[str, str, int]]:
    """What the open batch says on `enriched`: key, event, and root offset."""
    return [said(emit)[:3] for emit in partition.emits if emit.topic == "enriched"]


def said(emit: Emit) -> tuple[str, str, int, datetime]:
    """Key, event, root offset and time of one answer."""
    value = decode(emit.topic, emit.value or b"")
    name = "tick" if isinstance(value, TickEnriched) else value.cause_event_id
    return (emit.key or b"").decode(), name, value.root_offset, value.recorded_at


def position(partition: Partition[Any]) -> Position:
    """The partition's own record in the open batch's changelog."""
    (found,) = [emit for emit in partition.changes() if emit.key == POSITION_KEY.encode()]
    value: Position = decode(found.topic, found.value or b"")
    return value
