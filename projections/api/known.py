"""What a household has said so far, put together from single conversations under the extraction's names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TypeVar

from domain.extraction import Extraction, Fact, Objection
from domain.states import Concern, Context, Mention, OpenObjection, SeenSignal
from domain.vocabulary import Level
from projections.api.context_views import KnownView
from projections.api.extraction import (
    FactView,
    FamilyView,
    FinancesView,
    ObjectionView,
    Said,
    SchedulingView,
    SignalView,
)

T = TypeVar("T")
Opened = Mapping[str, Extraction[Said]]
"""Conversations by event id, the newest first."""

MOST = 40
"""Facts that a pack shows: more than anybody reads before a call."""


def known(context: Context, said: Opened) -> KnownView:
    """The last stated value of each dimension, as the state names it; facts add up over conversations.

    What the state names and `said` has not, for the views are not applied in one step, is left out.
    """
    asked = _at(context.questions, said)
    return KnownView(
        intent=context.stance.intent if context.stance else None,
        sentiment=context.stance.sentiment if context.stance else None,
        facts=_facts(said.values()),
        open_questions=list(asked.open_questions) if asked else [],
        financial_signals=_finances(context.concern, said),
        scheduling_constraints=_scheduling(context, said),
        family_context=_family(context, said),
        objections=[*_unaddressed(context.objections, said), *_addressed(context.objections, said)],
        additional_signals=list(_signals(context.signals, said)),
    )


def _at(mention: Mention | Concern | None, said: Opened) -> Extraction[Said] | None:
    return said.get(mention.event_id) if mention else None


def _facts(said: Iterable[Extraction[Said]]) -> list[FactView]:
    """Each once, as it was said last."""
    found: dict[str, Fact[Said]] = {}
    for fact in (each for talk in said for each in talk.facts if each.text):
        found.setdefault(fact.text or "", fact)
    return [FactView.model_validate(asdict(fact)) for fact in list(found.values())[:MOST]]


def _finances(concern: Concern | None, said: Opened) -> FinancesView:
    talk = _at(concern, said)
    return FinancesView(
        concern_level=concern.level if concern else Level.NONE,
        mentions=list(talk.financial_signals.mentions) if talk else [],
    )


def _scheduling(context: Context, said: Opened) -> SchedulingView:
    talk = _at(context.times, said)
    constrained = (each.scheduling_constraints.constraints for each in said.values())
    return SchedulingView(
        constraints=_first(constrained),
        preferred_times=list(talk.scheduling_constraints.preferred_times) if talk else [],
    )


def _family(context: Context, said: Opened) -> FamilyView:
    siblings, deciders = _at(context.siblings, said), _at(context.deciders, said)
    return FamilyView(
        siblings=list(siblings.family_context.siblings) if siblings else [],
        decision_makers=list(deciders.family_context.decision_makers) if deciders else [],
        household_notes=_first(each.family_context.household_notes for each in said.values()),
    )


def _first(texts: Iterable[tuple[T, ...]]) -> list[T]:
    """Those of the newest conversation that has any."""
    return list(next(filter(None, texts), ()))


def _unaddressed(objections: Iterable[OpenObjection], said: Opened) -> Iterator[ObjectionView]:
    for objection in objections:
        talk = said.get(objection.event_id)
        if talk and objection.index < len(talk.objections):
            yield ObjectionView.model_validate(asdict(talk.objections[objection.index]))


def _addressed(unaddressed: Iterable[OpenObjection], said: Opened) -> list[ObjectionView]:
    """Each topic's last, where nothing of that topic is open."""
    found: dict[str, Objection[Said]] = {}
    for objection in (each for talk in said.values() for each in talk.objections):
        found.setdefault(objection.topic_class, objection)
    still = {objection.topic_class for objection in unaddressed}
    return [
        ObjectionView.model_validate(asdict(each))
        for topic, each in found.items()
        if each.addressed and topic not in still
    ]


def _signals(signals: tuple[SeenSignal, ...], said: Opened) -> Iterator[SignalView]:
    """The newest first."""
    for signal in reversed(signals):
        talk = said.get(signal.event_id)
        if talk and signal.index < len(talk.additional_signals):
            yield SignalView.model_validate(asdict(talk.additional_signals[signal.index]))
