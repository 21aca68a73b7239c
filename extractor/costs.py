"""What reading has cost, summed from the events that record it; nothing else keeps an account."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from domain.events import ConversationEnriched
from domain.vocabulary import Channel, ExtractionStatus
from extractor.pricing import NANOS
from extractor.recorded import Read


@dataclass(slots=True)
class Costs:
    """Sums over some interactions that were read; `calls` are tries, `failures` say why rules read instead.

    A conversation by SMS is one interaction here; `conversations` are those, and `messages` what was written in them.
    """

    interactions: int = 0
    conversations: int = 0
    messages: int = 0
    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    nanos: int = 0
    fallbacks: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, event: Read) -> None:
        """One more interaction, or conversation."""
        self.interactions += 1
        if isinstance(event, ConversationEnriched):
            self.conversations += 1
            self.messages += len(event.parts)
        self.fallbacks += event.extraction.status is ExtractionStatus.FALLBACK
        asked = event.asked
        if asked is None:
            return
        self.calls += asked.attempts
        self.tokens_in += asked.tokens_in
        self.tokens_cached += asked.tokens_cached
        self.tokens_out += asked.tokens_out
        self.nanos += asked.cost_nanos
        if asked.failure is not None:
            self.failures[asked.failure.value] += 1

    @property
    def dollars(self) -> float:
        """US dollars."""
        return self.nanos / NANOS

    @property
    def dollars_per_1000(self) -> float:
        """US dollars for a thousand interactions that were read."""
        return 1000 * self.dollars / self.interactions if self.interactions else 0.0


def _day(event: Read) -> str:
    asked_at = None if event.asked is None else event.asked.asked_at
    return (asked_at or event.recorded_at).date().isoformat()


def _model(event: Read) -> str:
    return event.extraction.model if event.asked is None else event.asked.model


def _channel(event: Read) -> str:
    return (Channel.SMS if isinstance(event, ConversationEnriched) else event.channel).value


DIMENSIONS: dict[str, Callable[[Read], str]] = {
    "day": _day,
    "model": _model,
    "channel": _channel,
}
"""By what costs are told apart: the UTC day, the model that was meant to read, the channel."""


def costs(events: Iterable[Read], by: Sequence[str]) -> dict[tuple[str, ...], Costs]:
    """Sums for each combination of some DIMENSIONS, in order; what had nothing to read is left out."""
    found: dict[tuple[str, ...], Costs] = {}
    for event in events:
        if event.extraction.status is not ExtractionStatus.SKIPPED:
            place = tuple(DIMENSIONS[name](event) for name in by)
            found.setdefault(place, Costs()).add(event)
    return dict(sorted(found.items()))


def monthly(found: dict[tuple[str, ...], Costs], place: int) -> dict[tuple[str, ...], Costs]:
    """Sums by day as sums by month; `place` says where in each combination the day stands."""
    months: dict[tuple[str, ...], list[Costs]] = {}
    for names, sums in found.items():
        month = (*names[:place], names[place][: len("2026-05")], *names[place + 1 :])
        months.setdefault(month, []).append(sums)
    return {month: total(parts) for month, parts in sorted(months.items())}


def total(parts: Iterable[Costs]) -> Costs:
    """All of them together."""
    whole = Costs()
    for part in parts:
        whole.interactions += part.interactions
        whole.conversations += part.conversations
        whole.messages += part.messages
        whole.calls += part.calls
        whole.tokens_in += part.tokens_in
        whole.tokens_cached += part.tokens_cached
        whole.tokens_out += part.tokens_out
        whole.nanos += part.nanos
        whole.fallbacks += part.fallbacks
        whole.failures += part.failures
    return whole
