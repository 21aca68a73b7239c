"""Who has seen what: a reading of sealed text, as it is kept for those who answer for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedRead:
    """A request opened words of one household; all of the readings of a request share its id."""

    event_id: str
    lead_id: str
    recorded_at: datetime
    actor: str
    route: str
    request_id: str
