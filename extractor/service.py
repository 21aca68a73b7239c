"""Interactions to enriched: what was said, as closed classes and sealed words; each input once, in order."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from domain.acts import Recorded
from domain.asked import Asked
from domain.events import (
    InteractionEnriched,
    InteractionRecorded,
    Repeated,
    Sealed,
    Tick,
    TickEnriched,
    derived_id,
)
from domain.extraction import Extraction, skipped, with_texts
from domain.threads import Thread, seen
from domain.vocabulary import ExtractionStatus, Verdict
from extractor.choosing import chosen, refuse_unreadable
from extractor.forward import forward, passed_on
from extractor.port import Reply, Request, Terms, request, works
from extractor.reading import Readers, Reading, worth_asking
from extractor.settings import ExtractorSettings, ProviderSettings
from runtime.errors import Rejected
from runtime.keys import Keyring, answering
from runtime.service import run
from runtime.transform import Asking, Handle, Output, Question, Record, Transform, Wake
from schemas.sealed import Key, seal, unseal


class Counts(Protocol):
    """Hears how each interaction was read; `runtime.metrics.Metrics` is one."""

    def read(self, status: str, failure: str) -> None:
        """One interaction, and why not by the model that was to read it."""

    def not_borne_out(self, field: str, count: int) -> None:
        """Items of a field that were dropped from a model's answer."""

    def spent(self, tokens: dict[str, int]) -> None:
        """What one question took, by kind of token."""


RULES_ALONE = Readers()

Outputs = tuple[Output | Question, ...]


def handle(
    keys: Keyring, readers: Readers, counts: Counts | None, state: Thread | None, record: Record | Wake
) -> tuple[Thread | None, Outputs]:
    """Enrich one input, or say that its id was seen before; the state never waits for a model."""
    assert isinstance(record, Record)  # noqa: S101 - a thread names no due moment yet
    event, root = record.value, record.offset
    if isinstance(event, Tick):
        return None, (Output("enriched", record.key, TickEnriched(event.recorded_at, root)),)
    thread, known = met(state, event)
    if known is not None:
        again = derived_id(event.lead_id, event.event_id, "repeated", root)
        said: Any = Repeated(again, event.event_id, event.lead_id, root, event.recorded_at, known)
        return thread, (Output("enriched", record.key, said),)
    if isinstance(event, InteractionRecorded):
        return thread, (_Interaction(event, root, readers, counts).read(keys),)
    return thread, (Output("enriched", record.key, forward(event, root)),)


def met(state: Thread | None, event: Any) -> tuple[Thread, Verdict | None]:
    """The thread after an input, and what its id is if it was seen before; raises Rejected for what is no input."""
    if not isinstance(event, Recorded):
        raise Rejected(f"a {type(event).__name__} is not something the extractor knows")
    return seen(state, event.event_id, event.body_hash)


@dataclass(frozen=True, slots=True)
class _Interaction:
    """One interaction on its way: opened in memory, read, and sealed again under the key that it came with."""

    event: InteractionRecorded
    root: int
    readers: Readers
    counts: Counts | None

    def read(self, keys: Keyring) -> Output | Question:
        """What was said, or the question that tells."""
        transcript = self.event.transcript
        known = self.readers.recorded(self.event)
        if known is not None:
            return self._output(known.extraction, known.asked)
        if transcript is None:
            return self._unread(skipped())
        key = keys.by_id(transcript.key_id)
        if key is None:
            return self._unread(skipped(ExtractionStatus.FAILED))
        return self._opened(key, unseal(key, "transcript", transcript))

    def _opened(self, key: Key, words: str) -> Output | Question:
        channel, direction = self.event.channel, self.event.direction
        model = self.readers.model
        if model is None:
            return self._told(key, self.readers.by_rules(words, channel, direction))
        asked = request(words, channel, direction)
        if not worth_asking(asked, self.event.outcome):
            return self._told(key, self.readers.by_rules(words, channel, direction))
        failure = self.readers.barred(asked)
        if failure is not None:
            return self._told(key, self.readers.concluded(asked, Reply(None, failure), model.terms))
        return Question(asked, partial(self._finish, key, asked, model.terms))

    def _finish(self, key: Key, asked: Request, terms: Terms, reply: Reply | None) -> tuple[Output]:
        return (self._told(key, self.readers.concluded(asked, reply, terms)),)

    def _told(self, key: Key, reading: Reading) -> Output:
        sealed = with_texts(reading.said, lambda field, text: seal(key, self.event.event_id, field, text))
        if self.counts is not None:
            _count(self.counts, sealed.status, reading.asked)
        return self._output(sealed, reading.asked)

    def _unread(self, said: Extraction[str]) -> Output:
        if self.counts is not None:
            _count(self.counts, said.status, None)
        return self._output(with_texts(said, _nothing), None)

    def _output(self, said: Extraction[Sealed], asked: Asked | None) -> Output:
        event = self.event
        enriched = InteractionEnriched(
            **passed_on(event, self.root),
            channel=event.channel,
            direction=event.direction,
            outcome=event.outcome,
            guardian_id=event.guardian_id,
            decision_id=event.decision_id,
            opt_out=event.opt_out,
            extraction=said,
            asked=asked,
        )
        return Output("enriched", event.lead_id, enriched)


def _count(counts: Counts, status: ExtractionStatus, asked: Asked | None) -> None:
    failure = None if asked is None else asked.failure
    counts.read(status.value, "" if failure is None else failure.value)
    if asked is None:
        return
    plain = asked.tokens_in - asked.tokens_cached
    counts.spent({"in": plain, "cached": asked.tokens_cached, "out": asked.tokens_out})
    for name, count in asked.dropped.items():
        counts.not_borne_out(name, count)


def _nothing(field: str, _text: str) -> Sealed:
    raise ValueError(f"an extraction without a transcript has a {field}")


def build(keys: Keyring, readers: Readers = RULES_ALONE, counts: Counts | None = None) -> Transform[Thread]:
    """`interactions` into `enriched`, with the ids seen in `threads`; the rules read where there is no model."""
    model = readers.model
    asking = None if model is None else Asking(model.ask, works=works, close=model.close)
    return wired(partial(handle, keys, readers, counts), asking)


def wired(handler: Handle[Thread], asking: Asking | None = None) -> Transform[Thread]:
    """Any handler in the extractor's place."""
    return Transform(
        name="extractor",
        sources=("interactions",),
        changelog="threads",
        handle=handler,
        asking=asking,
    )


def main() -> None:
    """Run until asked to stop; raises Misconfigured where a reader is chosen that cannot read."""
    settings, provider = ExtractorSettings(), ProviderSettings()
    refuse_unreadable(settings, provider)
    run(lambda metrics: build(answering(settings), chosen(settings, provider), metrics), settings)
