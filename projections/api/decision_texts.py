"""A decision's brief with its draft: the facts it rests on opened, for who may read them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from domain.events import Sealed
from domain.extraction import Extraction
from domain.records import Decision, SignalSeen
from domain.vocabulary import Channel
from projections.api import answers, context_queries, told
from projections.api.academy import Academy
from projections.api.decision import BriefView, DecisionView
from projections.api.drafts import Draft, Facts, Words, drafted
from projections.api.opening import Opener
from projections.api.render import rendered, with_draft
from projections.api.told_views import RecordView
from schemas.sealed import Unopenable


def named(rows: Iterable[RowMapping]) -> frozenset[str]:
    """The events that the sentences of these decisions rest on."""
    return frozenset(
        fact["event_id"]
        for row in rows
        for sentence in (row["record"]["brief"] or {}).get("sentences", ())
        for fact in sentence["facts"]
    )


def record_of(row: RowMapping, opener: Opener) -> RecordView | None:
    """The household's record of a row of `context_queries.household`, consents as they stand now."""
    consents = (row["folded"] or {}).get("consents", {})
    return told.record(told.parts(row, context_queries.events_of(row)), consents, opener)


def decision(
    row: RowMapping, record: RecordView | None, said: Mapping[str, Any], academy: Academy, opener: Opener
) -> DecisionView:
    """The complete record with its draft; `said` are sealed extractions by event id."""
    view = answers.decision(row)
    made = msgspec.convert(row["record"], Decision)
    if view.brief is None:
        return view
    words = Words(academy, record, quoted(made, said, opener))
    return view.model_copy(update={"brief": with_draft(view.brief, draft_of(made, made.channel, words))})


def brief_of(made: Decision, words: Words) -> BriefView | None:
    """The brief as text with its draft."""
    if made.brief is None:
        return None
    return with_draft(rendered(made.action, made.brief), draft_of(made, made.channel, words))


def draft_of(made: Decision, channel: Channel | None, words: Words) -> Draft | None:
    """The decision's message for a channel."""
    return drafted(made.action, channel, made.brief.sentences if made.brief else (), words)


def quoted(made: Decision, said: Mapping[str, Any], opener: Opener) -> Facts:
    """What the decision's sentences quote, opened; None for what is not there or cannot be opened."""
    facts = [fact for sentence in made.brief.sentences for fact in sentence.facts] if made.brief else []
    return {fact: _quote(fact, said.get(fact.event_id), opener) for fact in facts}


def _quote(fact: SignalSeen, stored: Any, opener: Opener) -> str | None:
    if stored is None:
        return None
    said = msgspec.convert(stored, Extraction[Sealed])
    try:
        match fact.signal:
            case "open_question":
                return opener.text("question", said.open_questions[fact.index])
            case "objection":
                return opener.text("topic", said.objections[fact.index].topic)
    except (IndexError, Unopenable):
        return None
    return None
