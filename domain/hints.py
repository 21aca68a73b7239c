"""What the family's own news suggests: it settles near ties only, and is recorded (P6, E6)."""

from collections.abc import Mapping
from datetime import datetime

from domain.buckets import news
from domain.parameters import Parameters
from domain.states import Lead
from domain.vocabulary import Bucket

NEAR = 0.01
"""Scores this close are a tie, in units of reward (P6)."""


def hint(lead: Lead, about: Bucket, now: datetime, parameters: Parameters) -> str | None:
    """The action that the latest news suggests, where the household's news is what it is about."""
    if about is not Bucket.NOVEL_SIGNAL:
        return None
    heard = (signal for signal in news(lead, now, parameters) if signal.suggested_action)
    latest = max(heard, key=lambda signal: signal.at, default=None)
    return latest.suggested_action if latest else None


def settled(greedy: str, hinted: str | None, scores: Mapping[str, float]) -> str:
    """The hinted action where it is as good as the best, else the best."""
    if hinted is None or hinted not in scores or scores[greedy] - scores[hinted] > NEAR:
        return greedy
    return hinted
