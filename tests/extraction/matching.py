"""Which of an adapter's items are right: matched by the words they rest on, omission and hallucination apart."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.extraction import Extraction, Fact, Objection, Signal
from domain.vocabulary import Speaker
from tests.extraction.places import Span, Transcript, overlap, words

HALF = 0.5
"""Two quotes are of one thing if they share this much of the shorter one."""

LONGEST = 80
"""Words: a longer quote shows nothing, or one that takes in everything would always be right."""

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_SPANISH = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce"
_DIGITS = {
    word: str(number) for names in (_ENGLISH, _SPANISH) for number, word in enumerate(names.split(" "))
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of items; what was said is right, surplus, ungrounded or somebody else's words."""

    wanted: int = 0
    found: int = 0
    said: int = 0
    right: int = 0
    ungrounded: int = 0
    misattributed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.wanted + other.wanted,
            self.found + other.found,
            self.said + other.said,
            self.right + other.right,
            self.ungrounded + other.ungrounded,
            self.misattributed + other.misattributed,
        )

    @property
    def precision(self) -> float | None:
        """Share of what was said that is right; None if nothing was said."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """Share of what is wanted that was found; None if nothing is wanted."""
        return self.found / self.wanted if self.wanted else None

    @property
    def omission(self) -> float | None:
        """Share of what is wanted that was not found."""
        return None if self.recall is None else 1 - self.recall

    @property
    def hallucination(self) -> float | None:
        """Share of what was said that stands nowhere in the transcript, or that another party said."""
        return (self.ungrounded + self.misattributed) / self.said if self.said else None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing said of a transcript: the words it rests on, who is to have said them, and what else must agree.

    `speaker` None is for questions, which either side may ask. `must` are the numbers of a fact.
    """

    quote: str
    speaker: Speaker | None = Speaker.FAMILY
    kind: str = ""
    must: frozenset[str] = frozenset()


def matched(
    transcript: Transcript, wanted: Sequence[Item], said: Sequence[Item], elsewhere: Sequence[Item] = ()
) -> Tally:
    """Items by the words that they rest on.

    An item is *grounded* if its quote is found in the transcript (`places.words`) and is spoken by the party
    that it names; not found is `ungrounded`, found but another party's is `misattributed`. A grounded item
    *is of* a wanted one if their quotes overlap by `HALF` of the shorter and the wanted one's numbers occur in
    it. It is right if it is of one wanted item at least; a wanted item is found if one at least is of it, for
    a sentence may hold two of them, or be cut in two. `elsewhere` are labelled things of other fields: to
    repeat one is no mistake, though it finds nothing.
    """
    tally = Tally(wanted=len(wanted), said=len(said))
    found: set[int] = set()
    right = ungrounded = misattributed = 0
    for item in said:
        spans = _grounded(transcript, item)
        if not spans:
            known = bool(transcript.spans(item.quote))
            misattributed, ungrounded = misattributed + known, ungrounded + (not known)
            continue
        of = {n for n, other in enumerate(wanted) if _is_of(transcript, item, spans, other)}
        found |= of
        right += bool(of) or any(_is_of(transcript, item, spans, other) for other in elsewhere)
    return tally + Tally(found=len(found), right=right, ungrounded=ungrounded, misattributed=misattributed)


def _grounded(transcript: Transcript, item: Item) -> tuple[Span, ...]:
    if item.speaker is None:
        return transcript.spans(item.quote)
    return transcript.spoken(item.quote, item.speaker)


def _is_of(transcript: Transcript, item: Item, spans: tuple[Span, ...], wanted: Item) -> bool:
    if len(words(item.quote).plain.split()) > LONGEST:
        return False
    if not wanted.must <= item.must:
        return False
    return any(overlap(one, other) >= HALF for one in spans for other in _grounded(transcript, wanted))


def paired(
    transcript: Transcript, wanted: Sequence[Item], said: Sequence[Item]
) -> tuple[Tally, list[tuple[int, int]]]:
    """Items of a class, one to one: same `kind` and grounded, those whose quotes overlap before others.

    The quotes of a pair need not overlap: a family may say one thing in two places. What comes back second
    are the pairs (place in `wanted`, place in `said`), for whatever else is asked of them.
    """
    tally = Tally(wanted=len(wanted), said=len(said))
    grounded = [_grounded(transcript, item) for item in said]
    lost = [item for item, spans in zip(said, grounded, strict=True) if not spans]
    known = sum(bool(transcript.spans(item.quote)) for item in lost)
    pairs: list[tuple[int, int]] = []
    for near in (True, False):
        for n, item in enumerate(said):
            for m, other in enumerate(wanted):
                free = m not in {a for a, _ in pairs} and n not in {b for _, b in pairs}
                fits = free and bool(grounded[n]) and item.kind == other.kind
                if fits and (not near or _is_of(transcript, item, grounded[n], other)):
                    pairs.append((m, n))
    more = Tally(0, len(pairs), 0, len(pairs), len(lost) - known, known)
    return tally + more, sorted(pairs)


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text as digits, up to nineteen from words too; "1st" is 1."""
    found = (_DIGITS.get(word, word) for word in words(text).plain.split())
    return frozenset(digits[0] for word in found if (digits := re.findall(r"^\d+", word)))


def fact(said: Fact[str]) -> Item:
    """A fact rests on its quote; the numbers of the statement must be in the statement or quote that finds it."""
    return Item(said.quote, said.speaker, must=numbers(f"{said.text} {said.quote}"))


def wanted_fact(said: Fact[str]) -> Item:
    """The same for a label: only the numbers of its statement count."""
    return Item(said.quote, said.speaker, must=numbers(said.text))


def objection(said: Objection[str]) -> Item:
    """An objection is of its topic class."""
    return Item(said.quote, kind=said.topic_class.value)


def signal(said: Signal[str]) -> Item:
    """A signal is of its class."""
    return Item(said.quote, kind=said.signal_class.value)


Read = Callable[[Extraction[str]], tuple[str, ...]]
QUOTED: dict[str, Read] = {
    "mentions": lambda e: e.financial_signals.mentions,
    "constraints": lambda e: e.scheduling_constraints.constraints,
    "preferred_times": lambda e: e.scheduling_constraints.preferred_times,
    "siblings": lambda e: e.family_context.siblings,
    "decision_makers": lambda e: e.family_context.decision_makers,
    "household_notes": lambda e: e.family_context.household_notes,
}
"""Fields whose texts are the family's own words: text and quote are one."""


def everything(said: Extraction[str]) -> list[Item]:
    """All labelled words of the family but facts: what a fact may repeat."""
    quotes = [quote for read in QUOTED.values() for quote in read(said)]
    quotes += [o.quote for o in said.objections] + [s.quote for s in said.additional_signals]
    quotes += [quote for quote in (said.signed_up.quote, said.opt_out.quote) if quote]
    return [Item(quote) for quote in quotes]
