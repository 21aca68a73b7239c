"""Interactions to enriched: what was said, as closed classes and sealed words; each input once, in order."""

from collections.abc import Callable
from functools import partial
from typing import Any

from domain.acts import Recorded
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
from domain.vocabulary import Channel, Direction, ExtractionStatus, Verdict
from extractor.forward import forward, passed_on
from extractor.offline_model import extract
from runtime.errors import Rejected
from runtime.keys import Keyring, answering
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Handle, Output, Record, Transform, Wake
from schemas.sealed import seal, unseal

Ask = Callable[[str, Channel, Direction], Extraction[str]]


def handle(
    keys: Keyring, ask: Ask, state: Thread | None, record: Record | Wake
) -> tuple[Thread | None, tuple[Output, ...]]:
    """Enrich one input, or say that its id was seen before."""
    assert isinstance(record, Record)  # noqa: S101 - a thread names no due moment yet
    event, root = record.value, record.offset
    if isinstance(event, Tick):
        return None, (Output("enriched", record.key, TickEnriched(event.recorded_at, root)),)
    thread, known = met(state, event)
    if known is not None:
        again = derived_id(event.lead_id, event.event_id, "repeated", root)
        said: Any = Repeated(again, event.event_id, event.lead_id, root, event.recorded_at, known)
        return thread, (Output("enriched", record.key, said),)
    said = (
        _interaction(event, root, keys, ask)
        if isinstance(event, InteractionRecorded)
        else forward(event, root)
    )
    return thread, (Output("enriched", record.key, said),)


def met(state: Thread | None, event: Any) -> tuple[Thread, Verdict | None]:
    """The thread after an input, and what its id is if it was seen before; raises Rejected for what is no input."""
    if not isinstance(event, Recorded):
        raise Rejected(f"a {type(event).__name__} is not something the extractor knows")
    return seen(state, event.event_id, event.body_hash)


def _interaction(event: InteractionRecorded, root: int, keys: Keyring, ask: Ask) -> InteractionEnriched:
    return InteractionEnriched(
        **passed_on(event, root),
        channel=event.channel,
        direction=event.direction,
        outcome=event.outcome,
        guardian_id=event.guardian_id,
        decision_id=event.decision_id,
        opt_out=event.opt_out,
        extraction=_extraction(event, keys, ask),
    )


def _extraction(event: InteractionRecorded, keys: Keyring, ask: Ask) -> Extraction[Sealed]:
    """What the transcript says, sealed again under the key that it came with."""
    transcript = event.transcript
    if transcript is None:
        return with_texts(skipped(), _nothing)
    key = keys.by_id(transcript.key_id)
    if key is None:
        return with_texts(skipped(ExtractionStatus.FAILED), _nothing)
    said = ask(unseal(key, "transcript", transcript), event.channel, event.direction)
    return with_texts(said, lambda field, text: seal(key, event.event_id, field, text))


def _nothing(field: str, _text: str) -> Sealed:
    raise ValueError(f"an extraction without a transcript has a {field}")


def build(keys: Keyring, ask: Ask = extract) -> Transform[Thread]:
    """`interactions` into `enriched`, with the ids seen in `threads`."""
    return wired(partial(handle, keys, ask))


def wired(handler: Handle[Thread]) -> Transform[Thread]:
    """Any handler in the extractor's place."""
    return Transform(
        name="extractor",
        sources=("interactions",),
        changelog="threads",
        handle=handler,
    )


def main() -> None:
    """Run until asked to stop."""
    settings = Settings()
    run(lambda _metrics: build(answering(settings)), settings)
