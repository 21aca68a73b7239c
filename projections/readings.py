"""The view of costs: a row for everything that was read, with the tokens and prices that its event records (E4)."""

from collections.abc import Iterable
from typing import Any

from domain.asked import Asked
from domain.events import ConversationEnriched, InteractionEnriched
from domain.vocabulary import Channel, ExtractionStatus
from projections.event_tables import readings
from runtime.transform import Record
from runtime.views import View

_NOTHING = dict.fromkeys(("calls", "tokens_in", "tokens_cached", "tokens_out", "nanos"), 0)


def from_enriched(record: Record) -> Iterable[dict[str, Any]]:
    """An interaction or a conversation in which there was something to read; as `academy costs` tells them apart."""
    event = record.value
    if not isinstance(event, InteractionEnriched | ConversationEnriched):
        return
    if event.extraction.status is ExtractionStatus.SKIPPED:
        return
    asked, parts = event.asked, event.parts if isinstance(event, ConversationEnriched) else ()
    asked_at = event.recorded_at if asked is None else asked.asked_at or event.recorded_at
    yield {
        "event_id": event.event_id,
        "day": asked_at.date(),
        "model": event.extraction.model if asked is None else asked.model,
        "channel": Channel.SMS.value if isinstance(event, ConversationEnriched) else event.channel.value,
        "messages": len(parts),
        "fallback": int(event.extraction.status is ExtractionStatus.FALLBACK),
        "failure": asked.failure.value if asked and asked.failure else None,
        **(_NOTHING if asked is None else _spent(asked)),
    }


def _spent(asked: Asked) -> dict[str, int]:
    return {
        "calls": asked.attempts,
        "tokens_in": asked.tokens_in,
        "tokens_cached": asked.tokens_cached,
        "tokens_out": asked.tokens_out,
        "nanos": asked.cost_nanos,
    }


VIEW = View(readings, {"enriched": from_enriched})
