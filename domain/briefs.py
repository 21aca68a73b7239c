"""How an action is to be carried out, as ids only: the API turns them into text (F1, F3)."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files

from domain.actions import Action, Phrase
from domain.buckets import WORRIED
from domain.parameters import Parameters
from domain.records import Brief, DirectiveRef, SentenceRef, SignalSeen
from domain.states import Context, Lead, Mention
from domain.vocabulary import TopicClass

SIGNALS = {
    name: Phrase(id=f"signal.{name}", **entry)
    for name, entry in tomllib.loads(files("domain").joinpath("signals.toml").read_text()).items()
}
"""By signal name, in the order in which a brief lists them."""


def active_signals(lead: Lead, now: datetime, parameters: Parameters) -> tuple[SignalSeen, ...]:
    """Every signal that is active now, whatever the bucket, with the item it rests on."""
    said = lead.context
    seen = [
        *_mentioned("decision_maker", said.deciders),
        *_mentioned("siblings", said.siblings),
        *_mentioned("open_question", said.questions),
        *_mentioned("preferred_times", said.times),
    ]
    since = now - timedelta(days=parameters.novel_days)
    fresh = (s for s in said.signals if s.at > since)
    noticed = (SignalSeen(signal.signal_class.value, signal.event_id, signal.index) for signal in fresh)
    return (*_financial(said), *_membership(lead), *_objections(said), *seen, *noticed)


def _mentioned(name: str, mention: Mention | None) -> tuple[SignalSeen, ...]:
    return (
        tuple(SignalSeen(name, mention.event_id, index) for index in range(mention.items)) if mention else ()
    )


def _membership(lead: Lead) -> tuple[SignalSeen, ...]:
    if lead.membership is None:
        return ()
    return (
        *_mentioned("payment_concern", lead.membership.owed),
        *_mentioned("missed_session", lead.membership.missed),
    )


def _financial(said: Context) -> tuple[SignalSeen, ...]:
    worried = said.concern is not None and said.concern.level in WORRIED
    if said.concern is not None and worried:
        return tuple(
            SignalSeen("financial_concern", said.concern.event_id, index)
            for index in range(max(said.concern.mentions, 1))
        )
    return tuple(
        SignalSeen("financial_concern", objection.event_id, objection.index)
        for objection in said.objections
        if objection.topic_class is TopicClass.FINANCIAL
    )


def _objections(said: Context) -> tuple[SignalSeen, ...]:
    return tuple(
        SignalSeen("objection", objection.event_id, objection.index)
        for objection in said.objections
        if objection.topic_class is not TopicClass.FINANCIAL
    )


def brief(action: Action, signals: tuple[SignalSeen, ...]) -> Brief:
    """The action's own directives, then one for every active signal that its `forbids` leaves (F1, F2)."""
    base = tuple(DirectiveRef(f"{action.name}.{phrase.id}", None, ()) for phrase in action.directives)
    named: dict[str, list[SignalSeen]] = {}
    for signal in signals:
        named.setdefault(signal.signal, []).append(signal)
    added = tuple(
        DirectiveRef(phrase.id, name, tuple(named[name]))
        for name, phrase in SIGNALS.items()
        if name in named and phrase.topic not in action.forbids
    )
    return Brief(
        directives=base + added,
        tone=action.tone,
        prepare=_ids(action, action.prepare),
        avoid=_ids(action, action.avoid),
        timing=f"{action.name}.timing",
        sentences=tuple(_sentences(action, named)),
    )


def _sentences(action: Action, named: dict[str, list[SignalSeen]]) -> Iterator[SentenceRef]:
    """One that quotes a signal rests on its first item, and is left out where the signal is not active (F4)."""
    for phrase in action.sentences:
        if phrase.signal is None or phrase.signal in named:
            facts = tuple(named[phrase.signal][:1]) if phrase.signal else ()
            yield SentenceRef(f"{action.name}.{phrase.id}", facts)


def _ids(action: Action, phrases: tuple[Phrase, ...]) -> tuple[str, ...]:
    return tuple(f"{action.name}.{phrase.id}" for phrase in phrases)
