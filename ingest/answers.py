"""The last answers by event id: a repeated idempotency key gets the same one, another body under it a refusal.

Best effort in one process; what slips through is found downstream by the body's hash (architecture 2.8).
"""

from collections import OrderedDict

from ingest.bodies import Accepted

KEPT = 10_000
"""Answers of a busy quarter of an hour, 300 bytes each."""


class OtherBody(ValueError):
    """The key was used before with another body."""


class Answers:
    """At most `kept` answers, the oldest leave first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[str, tuple[bytes, Accepted]] = OrderedDict()

    def get(self, event_id: str, body_hash: bytes) -> Accepted | None:
        """The answer given before; raises OtherBody if it was given to another body."""
        known, answer = self._answers.get(event_id, (body_hash, None))
        if known != body_hash:
            raise OtherBody
        return answer

    def put(self, event_id: str, body_hash: bytes, answer: Accepted) -> None:
        """Keep an answer."""
        self._answers[event_id] = (body_hash, answer)
        if len(self._answers) > self._kept:
            self._answers.popitem(last=False)
