"""The reader that reads nothing: what an earlier log says of an event stands, its words sealed as they are (E3)."""

from collections.abc import Iterable

from domain.events import ConversationEnriched, InteractionEnriched
from runtime.transform import Message
from schemas.codec import decode

Read = InteractionEnriched | ConversationEnriched
"""Events with what was said in them."""


class Recorded:
    """What was read under another prefix, by its cause; about as large in memory as that `enriched` topic."""

    def __init__(self, enriched: Iterable[Message]) -> None:
        self._known: dict[str, bytes] = {}
        for message in enriched:
            data = message.value or b""
            event = decode("enriched", data)
            if isinstance(event, Read):
                self._known.setdefault(event.cause_event_id, data)

    def __call__(self, lead_id: str, cause_id: str) -> Read | None:
        """What was read in this interaction or conversation of this household, or None."""
        data = self._known.get(cause_id)
        found: Read | None = None if data is None else decode("enriched", data)
        return found if found is not None and found.lead_id == lead_id else None


def nothing_recorded(_lead_id: str, _cause_id: str) -> None:
    """Where no earlier log is named."""
