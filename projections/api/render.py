"""A brief's ids as text: pure, from the committed tables of actions and signals, and its draft (F3)."""

from itertools import chain

import msgspec

from domain.actions import ACTIONS
from domain.briefs import SIGNALS
from domain.masks import sentence
from domain.records import ActionVerdict, Brief
from projections.api.decision import (
    ActionView,
    BriefView,
    DirectiveView,
    DraftView,
    DroppedView,
    SentenceView,
)
from projections.api.drafts import Draft

TEXTS = {
    **{f"{action.name}.timing": action.timing for action in ACTIONS.values()},
    **{
        f"{action.name}.{phrase.id}": phrase.text
        for action in ACTIONS.values()
        for phrase in chain(action.directives, action.prepare, action.avoid)
    },
    **{phrase.id: phrase.text for phrase in SIGNALS.values()},
}
"""Every text that a brief can name, by id; the sentences of a draft are templates, which `drafts` fills."""


def rendered(action: str | None, brief: Brief) -> BriefView:
    """The brief with its texts; an id that an older release wrote and this one lost stays without."""
    known = ACTIONS.get(action or "")
    return BriefView(
        purpose=known.purpose if known else None,
        directives=[
            DirectiveView(id=said.id, signal=said.signal, facts=list(said.facts), text=TEXTS.get(said.id))
            for said in brief.directives
        ],
        tone=brief.tone,
        prepare=[TEXTS.get(said, said) for said in brief.prepare],
        avoid=[TEXTS.get(said, said) for said in brief.avoid],
        timing=TEXTS.get(brief.timing),
        timing_id=brief.timing,
        sentences=[SentenceView(id=said.id, facts=list(said.facts), text=None) for said in brief.sentences],
    )


def with_draft(view: BriefView, draft: Draft | None) -> BriefView:
    """The brief with its message; a sentence that is not said has no text."""
    if draft is None:
        return view
    said = dict(zip(draft.sentences, draft.points, strict=True))
    details = DraftView(
        channel=draft.channel,
        length=len(draft.text),
        cut=draft.cut,
        dropped=[DroppedView(id=each.id, why=each.why) for each in draft.dropped],
    )
    sentences = [each.model_copy(update={"text": said.get(each.id)}) for each in view.sentences]
    changed = {"sentences": sentences, "draft": draft.text, "draft_details": details}
    return view.model_copy(update=changed)


def verdicts(actions: tuple[ActionVerdict, ...]) -> list[ActionView]:
    """Every action with a sentence for a person where it was not allowed."""
    return [
        ActionView(**msgspec.to_builtins(each), why_not=sentence(each.reason) if each.reason else None)
        for each in actions
    ]
