"""A brief's ids as text: pure, from the committed tables of actions and signals (F3)."""

from dataclasses import asdict
from itertools import chain

from domain.actions import ACTIONS
from domain.briefs import SIGNALS
from domain.masks import sentence
from domain.records import ActionVerdict, Brief
from projections.api.decision import ActionView, BriefView, DirectiveView, SentenceView

TEXTS = {
    **{f"{action.name}.timing": action.timing for action in ACTIONS.values()},
    **{
        f"{action.name}.{phrase.id}": phrase.text
        for action in ACTIONS.values()
        for phrase in chain(action.directives, action.sentences, action.prepare, action.avoid)
    },
    **{phrase.id: phrase.text for phrase in SIGNALS.values()},
}
"""Every text that a brief can name, by id."""


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
        sentences=[
            SentenceView(id=said.id, facts=list(said.facts), text=TEXTS.get(said.id))
            for said in brief.sentences
        ],
    )


def verdicts(actions: tuple[ActionVerdict, ...]) -> list[ActionView]:
    """Every action with a sentence for a person where it was not allowed."""
    return [
        ActionView.model_validate({**asdict(each), "why_not": sentence(each.reason) if each.reason else None})
        for each in actions
    ]
