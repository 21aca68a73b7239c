"""A decision's sentences as a message: slots filled from the record, the facts and the academy (F3, F4).

Pure and deterministic: a sentence whose slot is missing, or claims what the academy does not say, is dropped whole.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Formatter

from domain.actions import ACTIONS, Action, Phrase
from domain.claims import claim, first_name
from domain.records import SentenceRef, SignalSeen
from domain.vocabulary import Channel, Consent
from projections.api.academy import Academy
from projections.api.told_views import GuardianView, RecordView

_FRAMES = tomllib.loads(files("domain").joinpath("drafts.toml").read_text("utf-8"))
_LONGEST_QUESTION = 120  # characters of a question that is said back

Facts = Mapping[SignalSeen, str | None]
"""What was said, opened; None where it was erased."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that the draft is without, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for one channel; `cut` says that whole sentences at its end were too long for it."""

    channel: Channel
    text: str
    greeting: str
    points: tuple[str, ...]
    sentences: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    cut: bool


class Unfilled(Exception):
    """A sentence that cannot be said; its argument is why."""


@dataclass(frozen=True, slots=True)
class Words:
    """What fills the slots: words of the academy and of the household's record, and what was said."""

    academy: Academy
    record: RecordView | None
    facts: Facts

    def of(self, slot: str, channel: Channel, fact: SignalSeen | None) -> str:
        """The words of one slot; raises Unfilled."""
        own = self.academy.slots().get(slot)
        if own is not None:
            return own
        if fact is not None and slot == fact.signal:
            return self._quoted(fact)
        words = self._recorded(slot, channel)
        if words is None:
            raise Unfilled(f"{slot} is not known, or is nothing that a draft may say")
        return words

    def _recorded(self, slot: str, channel: Channel) -> str | None:
        children = self.record.children if self.record else []
        if slot == "guardian":
            adult = addressee(self.record, channel)
            return first_name(adult.name) if adult else None
        if slot not in ("child", "programme") or len(children) != 1:
            return None
        if slot == "child":
            return first_name(children[0].name)
        return self._supported(children[0].programme, slot) if children[0].programme else None

    def _quoted(self, fact: SignalSeen) -> str:
        said = self.facts.get(fact)
        if said is None:
            raise Unfilled(f"{fact.signal} is not there, or was erased")
        if fact.signal == "open_question" and not (said.endswith("?") and len(said) <= _LONGEST_QUESTION):
            raise Unfilled(f"{fact.signal} is no short question")
        return self._supported(said, fact.signal)

    def _supported(self, said: str, slot: str) -> str:
        words = " ".join(said.split())
        kind = claim(words, self.academy.configured())
        if kind is not None:
            raise Unfilled(f"{slot} says something that the academy's configuration does not ({kind})")
        return words


def addressee(record: RecordView | None, channel: Channel) -> GuardianView | None:
    """Whom a message on this channel goes to: the first adult who may be contacted and can be, there."""
    adults = [adult for adult in record.guardians if adult.consent is Consent.CONTACTABLE] if record else []
    point = "email" if channel is Channel.EMAIL else "phone"
    reachable = [adult for adult in adults if getattr(adult, point)]
    return next(iter(reachable or adults), None)


def drafted(
    name: str | None, channel: Channel | None, sentences: Sequence[SentenceRef], words: Words
) -> Draft | None:
    """The message that carries an action out; None where there is nothing to say.

    Without a channel it is for the action's first. An id that this release has lost is dropped.
    """
    action = ACTIONS.get(name or "")
    on = channel or next(iter(action.channels if action else ()), None)
    if action is None or not action.channels or on is None:
        return None
    said, dropped = _said(action, on, sentences, words)
    return _framed(on, said, dropped, words) if said else None


def greeting(frame: str, words: Words) -> str:
    """How a message of this channel, or an answered call, begins."""
    channel = Channel.VOICE if frame == "inbound" else Channel(frame)
    return _first(_FRAMES[frame]["greeting"], channel, words)


def _said(
    action: Action, channel: Channel, sentences: Sequence[SentenceRef], words: Words
) -> tuple[list[tuple[str, str]], list[Dropped]]:
    """Ids and texts of the sentences that can be said, in order, and the others with the reason."""
    templates = {f"{action.name}.{phrase.id}": phrase for phrase in action.sentences}
    said: list[tuple[str, str]] = []
    dropped: list[Dropped] = []
    groups: set[str] = set()
    for sentence in sentences:
        try:
            phrase = _template(templates, sentence, groups)
            said.append((sentence.id, _filled(phrase.text, channel, sentence.facts, words)))
        except Unfilled as why:
            dropped.append(Dropped(sentence.id, str(why)))
        else:
            groups |= {phrase.one_of} if phrase.one_of else set()
    return said, dropped


def _template(templates: Mapping[str, Phrase], sentence: SentenceRef, groups: set[str]) -> Phrase:
    phrase = templates.get(sentence.id)
    if phrase is None:
        raise Unfilled("this release has no such sentence")
    if phrase.one_of in groups:
        raise Unfilled("another sentence says it better")
    return phrase


def _filled(template: str, channel: Channel, facts: Iterable[SignalSeen], words: Words) -> str:
    fact = next(iter(facts), None)
    slots = [slot for _, slot, _, _ in Formatter().parse(template) if slot is not None]
    return template.format_map({slot: words.of(slot, channel, fact) for slot in slots})


def _framed(channel: Channel, said: list[tuple[str, str]], dropped: list[Dropped], words: Words) -> Draft:
    frame = _FRAMES[channel.value]
    hello, close = greeting(channel.value, words), _first(frame.get("close", ()), channel, words)
    kept = list(said)
    while len(text := _text(channel, hello, kept, close)) > frame.get("limit", len(text)) and kept:
        sentence_id, _ = kept.pop()
        dropped = [*dropped, Dropped(sentence_id, "the message is full")]
    return Draft(
        channel=channel,
        text=text,
        greeting=hello,
        points=tuple(text for _, text in kept),
        sentences=tuple(sentence_id for sentence_id, _ in kept),
        dropped=tuple(dropped),
        cut=len(kept) < len(said),
    )


def _text(channel: Channel, hello: str, said: list[tuple[str, str]], close: str) -> str:
    lines = [text for _, text in said]
    match channel:
        case Channel.VOICE:
            return "\n".join(f"- {line}" for line in (hello, *lines))
        case Channel.SMS:
            return " ".join((hello, *lines))
        case Channel.EMAIL:
            return "\n\n".join((hello, " ".join(lines), close))


def _first(choices: Iterable[str], channel: Channel, words: Words) -> str:
    for template in choices:
        try:
            return _filled(template, channel, (), words)
        except Unfilled:
            continue
    return ""
