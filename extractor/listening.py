"""Words on their way: opened in memory, read by rules or by a model, and sealed again under the key they came with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from domain.asked import Asked
from domain.events import Sealed
from domain.extraction import Extraction, skipped, with_texts
from domain.vocabulary import Channel, Direction, ExtractionStatus, Outcome
from extractor.port import Reply, Request, Terms, request
from extractor.reading import Readers, Reading, worth_asking
from runtime.keys import Keyring
from runtime.transform import Output, Question
from schemas.sealed import Key, seal, unseal


class Counts(Protocol):
    """Hears how words were read; `runtime.metrics.Metrics` is one."""

    def read(self, status: str, failure: str) -> None:
        """One interaction or conversation, and why not by the model that was to read it."""

    def not_borne_out(self, field: str, count: int) -> None:
        """Items of a field that were dropped from a model's answer."""

    def spent(self, tokens: dict[str, int]) -> None:
        """What one question took, by kind of token."""


@dataclass(frozen=True, slots=True)
class Words:
    """Sealed words that are read as one text; what is found in them is sealed for `event_id`.

    `cause_id` is the cause of what is told of them: the event itself, or the conversation.
    """

    cause_id: str
    event_id: str
    sealed: tuple[tuple[Direction, Sealed], ...]
    channel: Channel
    direction: Direction
    outcome: Outcome


Tell = Callable[[Extraction[Sealed], Asked | None], Any]
"""The event that says what was read, and what a model was asked for it."""

LABELS = {Direction.INBOUND: "Parent", Direction.OUTBOUND: "Academy"}
"""Who wrote a message of several, as the readers know speakers."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whoever reads, and the keys for it."""

    keys: Keyring
    readers: Readers
    counts: Counts | None = None

    def read(self, words: Words, lead_id: str, tell: Tell) -> Output | Question:
        """The event that says what was read, or the question that tells."""
        known = self.readers.recorded(lead_id, words.cause_id)
        if known is not None:
            return Output("enriched", lead_id, tell(known.extraction, known.asked))
        if not words.sealed:
            return self._unread(skipped(), lead_id, tell)
        opened = [(by, key, box) for by, box in words.sealed if (key := self.keys.by_id(box.key_id))]
        if not opened:
            return self._unread(skipped(ExtractionStatus.FAILED), lead_id, tell)
        key = next((key for by, key, _box in reversed(opened) if by is words.direction), opened[-1][1])
        text = _one([(by, unseal(key, "transcript", box)) for by, key, box in opened])
        return self._opened(text, words, partial(self._told, words.event_id, lead_id, tell, key))

    def _opened(self, text: str, words: Words, told: Callable[[Reading], Output]) -> Output | Question:
        channel, direction, model = words.channel, words.direction, self.readers.model
        if model is None:
            return told(self.readers.by_rules(text, channel, direction))
        asked = request(text, channel, direction)
        if not worth_asking(asked, words.outcome):
            return told(self.readers.by_rules(text, channel, direction))
        failure = self.readers.barred(asked)
        if failure is not None:
            return told(self.readers.concluded(asked, Reply(None, failure), model.terms))
        return Question(asked, partial(self._finish, told, asked, model.terms))

    def _finish(
        self, told: Callable[[Reading], Output], asked: Request, terms: Terms, reply: Reply | None
    ) -> tuple[Output]:
        return (told(self.readers.concluded(asked, reply, terms)),)

    def _told(self, event_id: str, lead_id: str, tell: Tell, key: Key, reading: Reading) -> Output:
        self._count(reading.said.status, reading.asked)
        said = with_texts(reading.said, lambda field, text: seal(key, event_id, field, text))
        return Output("enriched", lead_id, tell(said, reading.asked))

    def _unread(self, said: Extraction[str], lead_id: str, tell: Tell) -> Output:
        self._count(said.status, None)
        return Output("enriched", lead_id, tell(with_texts(said, _nothing), None))

    def _count(self, status: ExtractionStatus, asked: Asked | None) -> None:
        if self.counts is None:
            return
        failure = None if asked is None else asked.failure
        self.counts.read(status.value, "" if failure is None else failure.value)
        if asked is None:
            return
        plain = asked.tokens_in - asked.tokens_cached
        self.counts.spent({"in": plain, "cached": asked.tokens_cached, "out": asked.tokens_out})
        for name, count in asked.dropped.items():
            self.counts.not_borne_out(name, count)


def _one(texts: list[tuple[Direction, str]]) -> str:
    """One message as it is; of several a line each, with who wrote it before it."""
    if len(texts) == 1:
        return texts[0][1]
    return "\n".join(f"{LABELS[by]}: {' '.join(text.split())}" for by, text in texts)


def nothing_read() -> Extraction[Sealed]:
    """What is known of words that nobody was asked to read."""
    return with_texts(skipped(), _nothing)


def _nothing(field: str, _text: str) -> Sealed:
    raise ValueError(f"an extraction without a transcript has a {field}")
