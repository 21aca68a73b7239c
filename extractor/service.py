"""Interactions to enriched: what was said, as closed classes and sealed words; each input once, in order."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from domain.acts import ErasureTold, Recorded
from domain.events import InteractionRecorded, Repeated, Tick, TickEnriched, derived_id
from domain.threads import Flush, Thread, Waiting, buffered, forgotten, seen, woken
from domain.vocabulary import Channel, Direction, OptOut, Outcome, Verdict
from extractor.choosing import chosen, refuse_unreadable
from extractor.forward import At, cause_of, conversation, forward, interaction
from extractor.listening import Counts, Listener, Words, nothing_read
from extractor.port import works
from extractor.reading import Readers
from extractor.settings import ExtractorSettings, ProviderSettings
from runtime.errors import Rejected
from runtime.keys import Keyring, answering
from runtime.service import run
from runtime.transform import Asking, Handle, Output, Question, Record, Transform, Wake

RULES_ALONE = Readers()

Outputs = tuple[Output | Question, ...]


def handle(listener: Listener, state: Thread | None, record: Record | Wake) -> tuple[Thread | None, Outputs]:
    """Enrich one input, or say that its id was seen before; the state never waits for a model."""
    if isinstance(record, Wake):
        thread, flushed = woken(state or Thread(), record.now)
        at = At(record.key, record.root_offset, record.now)
        return thread, tuple(_conversation(listener, flush, at) for flush in flushed)
    event, root = record.value, record.offset
    if isinstance(event, Tick):
        return None, (Output("enriched", record.key, TickEnriched(event.recorded_at, root)),)
    thread, known, flush = met(state, record)
    if known is not None:
        again = derived_id(event.lead_id, event.event_id, "repeated", root)
        said: Any = Repeated(again, event.event_id, event.lead_id, root, event.recorded_at, known)
        return thread, (Output("enriched", record.key, said),)
    at = At(record.key, root, record.now)
    if isinstance(event, InteractionRecorded):
        return thread, tuple(_heard(listener, event, flush, at))
    return thread, (Output("enriched", record.key, forward(event, root)),)


def _heard(
    listener: Listener, event: InteractionRecorded, flush: Flush | None, at: At
) -> Iterator[Output | Question]:
    """An interaction with what was said in it; a buffered one without, and what is read with it."""
    if not event.buffered:
        yield listener.read(_words(event), at.lead_id, partial(interaction, event, at.root_offset))
        return
    yield Output("enriched", at.lead_id, interaction(event, at.root_offset, nothing_read(), None))
    if flush is not None:
        yield _conversation(listener, flush, at)


def met(state: Thread | None, record: Record) -> tuple[Thread, Verdict | None, Flush | None]:
    """What an input does to its household's thread: no model, no key.

    Gives the thread, what its id is if it was seen before, and the conversation that is to be read with it. Raises
    Rejected for what is no input.
    """
    event: Any = record.value
    if not isinstance(event, Recorded):
        raise Rejected(f"a {type(event).__name__} is not something the extractor knows")
    thread, known = seen(state, event.event_id, event.body_hash)
    if known is not None:
        return thread, known, None
    if isinstance(event, ErasureTold):
        return forgotten(thread, event.subject), None, None
    if not isinstance(event, InteractionRecorded) or not event.buffered:
        return thread, None, None
    urgent = event.urgent or event.opt_out is not OptOut.NO
    thread, flush = buffered(thread, _waiting(event, record), urgent=urgent)
    return thread, None, flush


def _waiting(event: InteractionRecorded, record: Record) -> Waiting:
    return Waiting(
        event_id=event.event_id,
        root_offset=record.offset,
        heard_at=record.now,
        occurred_at=event.occurred_at,
        direction=event.direction,
        guardian_id=event.guardian_id,
        transcript=event.transcript,
    )


def _words(event: InteractionRecorded) -> Words:
    sealed = () if event.transcript is None else ((event.direction, event.transcript),)
    return Words(event.event_id, event.event_id, sealed, event.channel, event.direction, event.outcome)


def _conversation(listener: Listener, flush: Flush, at: At) -> Output | Question:
    """The messages of one person, read as one text; ours alone say nothing of the family."""
    inbound = flush.inbound
    sealed = tuple(
        (one.direction, one.transcript) for one in flush.messages if inbound and one.transcript is not None
    )
    cause, last = cause_of(at.lead_id, flush), flush.messages[-1].event_id
    words = Words(cause, last, sealed, Channel.SMS, Direction.INBOUND, Outcome.COMPLETED)
    return listener.read(words, at.lead_id, partial(conversation, flush, at, cause))


def build(keys: Keyring, readers: Readers = RULES_ALONE, counts: Counts | None = None) -> Transform[Thread]:
    """`interactions` into `enriched`, with `threads` as its state; the rules read where there is no model."""
    model = readers.model
    asking = None if model is None else Asking(model.ask, works=works, close=model.close)
    return wired(partial(handle, Listener(keys, readers, counts)), asking)


def wired(handler: Handle[Thread], asking: Asking | None = None) -> Transform[Thread]:
    """Any handler in the extractor's place."""
    return Transform(
        name="extractor",
        sources=("interactions",),
        changelog="threads",
        handle=handler,
        due=lambda thread: thread.due,
        asking=asking,
    )


def main() -> None:
    """Run until asked to stop; raises Misconfigured where a reader is chosen that cannot read."""
    settings, provider = ExtractorSettings(), ProviderSettings()
    refuse_unreadable(settings, provider)
    run(lambda metrics: build(answering(settings), chosen(settings, provider), metrics), settings)
