"""The reader that reads nothing: what an earlier log says of an event stands, its words sealed as they are (E3)."""

from collections.abc import Iterable

from domain.events import InteractionEnriched, InteractionRecorded
from runtime.transform import Message
from schemas.codec import decode


class Recorded:
    """What was read under another prefix, by event id; about as large in memory as that `enriched` topic."""

    def __init__(self, enriched: Iterable[Message]) -> None:
        self._known: dict[str, bytes] = {}
        for message in enriched:
            data = message.value or b""
            event = decode("enriched", data)
            if isinstance(event, InteractionEnriched):
                self._known.setdefault(event.cause_event_id, data)

    def __call__(self, event: InteractionRecorded) -> InteractionEnriched | None:
        """What was read in this event of this household, or None."""
        data = self._known.get(event.event_id)
        found: InteractionEnriched | None = None if data is None else decode("enriched", data)
        return found if found is not None and found.lead_id == event.lead_id else None


def nothing_recorded(_event: InteractionRecorded) -> None:
    """Where no earlier log is named."""
