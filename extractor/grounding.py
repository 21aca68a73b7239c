"""What a transcript bears out of an answer (E2): each quote must be in it, and spoken by whom it is ascribed to.

Words are compared without regard to case, spaces, punctuation, hyphens and the Unicode forms of a letter, from the
beginning of a word to the end of one. What is kept is quoted as the transcript has it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import TypeVar

from domain.actions import ACTIONS
from domain.extraction import Extraction, Fact, Objection, OptOutSaid, Signal, SignUp
from domain.turns import Turn
from domain.vocabulary import Level, OptOut, Speaker

_WORD = re.compile(r"[^\W_]+")
_ANYBODY = (Speaker.FAMILY, Speaker.ACADEMY, Speaker.UNKNOWN)
_HEARD_AS = {
    Speaker.FAMILY: (Speaker.FAMILY, Speaker.UNKNOWN),
    Speaker.ACADEMY: (Speaker.ACADEMY, Speaker.UNKNOWN),
    Speaker.UNKNOWN: (Speaker.UNKNOWN,),
}
"""Whose turns may hold a quote; an unlabelled call may be anybody's."""

Item = TypeVar("Item", Fact[str], Objection[str], Signal[str])


def _the_family(_item: object) -> Speaker:
    return Speaker.FAMILY


def grounded(said: Extraction[str], spoken: Iterable[Turn]) -> tuple[Extraction[str], dict[str, int]]:
    """The answer with what the turns bear out, and how often each field had something else.

    A level of concern without a sentence about cost, a sign-up and a refusal without their words are dropped too.
    """
    heard = _Heard(spoken)
    money, times, family = said.financial_signals, said.scheduling_constraints, said.family_context
    mentions = heard.passages("mentions", money.mentions)
    level = money.concern_level
    if level is not Level.NONE and not mentions:
        heard.drop("concern_level")
        level = Level.NONE
    kept = replace(
        said,
        facts=heard.items("facts", said.facts, lambda fact: fact.speaker),
        open_questions=heard.passages("open_questions", said.open_questions, _ANYBODY),
        financial_signals=replace(money, concern_level=level, mentions=mentions),
        scheduling_constraints=replace(
            times,
            constraints=heard.passages("constraints", times.constraints),
            preferred_times=heard.passages("preferred_times", times.preferred_times),
        ),
        family_context=replace(
            family,
            siblings=heard.passages("siblings", family.siblings),
            decision_makers=heard.passages("decision_makers", family.decision_makers),
            household_notes=heard.passages("household_notes", family.household_notes),
        ),
        objections=heard.items("objections", said.objections),
        additional_signals=tuple(
            map(heard.suggested, heard.items("additional_signals", said.additional_signals))
        ),
        signed_up=heard.signed_up(said.signed_up),
        opt_out=heard.opt_out(said.opt_out),
    )
    return kept, dict(heard.dropped)


@dataclass(slots=True)
class _Words:
    """One party's words run together, and the number of the word that begins or ends at a place in them."""

    text: str
    starts: dict[int, int]
    ends: dict[int, int]
    spans: list[tuple[str, int, int]]

    def find(self, wanted: str) -> str | None:
        """The passage as it was said, from the beginning of a word to the end of one, or None; both run together."""
        at = self.text.find(wanted) if wanted else -1
        if at < 0:
            return None
        for begin in chain((at,), self.starts):
            first, last = self.starts.get(begin), self.ends.get(begin + len(wanted))
            if first is not None and last is not None and self.text.startswith(wanted, begin):
                (told, start, _), (_, _, end) = self.spans[first], self.spans[last]
                return told[start:end]
        return None


class _Heard:
    """Looks passages up, and counts in `dropped` those that are not there."""

    def __init__(self, spoken: Iterable[Turn]) -> None:
        self._texts: dict[Speaker, list[str]] = {}
        for turn in spoken:
            self._texts.setdefault(turn.speaker, []).append(turn.text)
        self._words: dict[Speaker, _Words] = {}
        self.dropped: Counter[str] = Counter()

    def drop(self, name: str) -> None:
        """One more that is not borne out."""
        self.dropped[name] += 1

    def passage(self, quote: str, parties: Iterable[Speaker] = _HEARD_AS[Speaker.FAMILY]) -> str | None:
        """The quote as one of these parties said it, or None."""
        wanted = "".join(map(_plain, _WORD.findall(_composed(quote))))
        found = (self._of(party).find(wanted) for party in parties if party in self._texts)
        return next((each for each in found if each is not None), None)

    def _of(self, party: Speaker) -> _Words:
        """A party's words; nobody is quoted of whom they are not needed."""
        if party not in self._words:
            self._words[party] = _words(self._texts[party])
        return self._words[party]

    def passages(
        self, name: str, quotes: Iterable[str], parties: Iterable[Speaker] = _HEARD_AS[Speaker.FAMILY]
    ) -> tuple[str, ...]:
        """Those that were said, each once."""
        kept: dict[str, None] = {}
        for quote in quotes:
            found = self.passage(quote, parties)
            if found is None:
                self.drop(name)
            else:
                kept[found] = None
        return tuple(kept)

    def items(
        self, name: str, items: Iterable[Item], speaker: Callable[[Item], Speaker] = _the_family
    ) -> tuple[Item, ...]:
        """Those whose quote was said by whom they are ascribed to."""
        kept: list[Item] = []
        for item in items:
            found = self.passage(item.quote, _HEARD_AS[speaker(item)])
            if found is None:
                self.drop(name)
            else:
                kept.append(replace(item, quote=found))
        return tuple(kept)

    def suggested(self, signal: Signal[str]) -> Signal[str]:
        """The signal, without a suggestion that is no action."""
        if signal.suggested_action is None or signal.suggested_action in ACTIONS:
            return signal
        self.drop("suggested_action")
        return replace(signal, suggested_action=None)

    def signed_up(self, said: SignUp[str]) -> SignUp[str]:
        """A sign-up that they have spoken."""
        quote = self.passage(said.quote or "") if said.value else None
        if said.value and quote is None:
            self.drop("signed_up")
        return SignUp(quote is not None, quote)

    def opt_out(self, said: OptOutSaid[str]) -> OptOutSaid[str]:
        """A refusal that they have spoken."""
        if said.verdict is OptOut.NO:
            return OptOutSaid()
        quote = self.passage(said.quote or "")
        if quote is None:
            self.drop("opt_out")
            return OptOutSaid()
        return OptOutSaid(said.verdict, quote)


def _words(texts: list[str]) -> _Words:
    """A line break stands between two turns: no passage goes over it."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    spans: list[tuple[str, int, int]] = []
    at = 0
    for raw in texts:
        told = _composed(raw)
        small = told.lower() if told.isascii() else told
        found = [(told, word.start(), word.end()) for word in _WORD.finditer(small)]
        words = [small[start:end] for _, start, end in found]
        words = words if told.isascii() else [_plain(word) for word in words]
        places = list(accumulate(map(len, words), initial=at))
        starts += places[:-1]
        ends += places[1:]
        parts += (*words, "\n")
        spans += found
        at = places[-1] + 1
    numbers = range(len(spans))
    return _Words(
        "".join(parts), dict(zip(starts, numbers, strict=True)), dict(zip(ends, numbers, strict=True)), spans
    )


def _composed(text: str) -> str:
    """Letters and their accents as one; without it half of a letter would be no part of a word."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _plain(word: str) -> str:
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
