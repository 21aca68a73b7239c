"""A transcript as heard: clauses with their speaker, their exact sentence and the phrases found in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from domain.notation import NEGATORS
from domain.phrasebook import Hit, Phrasebook, grouped
from domain.turns import Turn, turns
from domain.vocabulary import Channel, Direction, Speaker
from domain.wording import clauses, sentences
from extractor.lexicon import ASKERS, AUXILIARIES, BOOK, GREETERS, OURS, SUBJECTS, TELLERS

_LONGEST = 400  # characters of a clause: a run-on transcript is cut so that time stays linear
_OPENING = frozenset({"are", "does"})  # whatever begins so is a question
_ENDS = frozenset({"so", "because", "since", "until"})  # what a "not" before them does not reach over
_NONE: frozenset[int] = frozenset()
_REACH = 4  # words over which a "not" reaches


class Clause(NamedTuple):
    """Part of a sentence; `quote` is its sentence as it stands in the transcript, `labels` are negated or not.

    `denied` are the words, counted without commas, that a "not" reaches.
    """

    speaker: Speaker
    turn: int
    quote: str
    tokens: list[str]
    hits: list[Hit]
    labels: frozenset[str]
    question: bool
    denied: frozenset[int]

    def found(self, section: str) -> tuple[Hit, ...]:
        """Hits of a section that no "not" before them turns round."""
        return tuple(h for h in self.hits if h.label.startswith(section) and not self.negated(h))

    def has(self, *labels: str) -> bool:
        """Whether a phrase of one of these labels stands unnegated."""
        if self.labels.isdisjoint(labels):
            return False
        return any(h.label in labels and not self.negated(h) for h in self.hits)

    def negated(self, hit: Hit) -> bool:
        """Whether one of the words close before, back to a comma, denies it."""
        return hit.start in self.denied

    @property
    def length(self) -> int:
        """Words and commas."""
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Heard:
    """All turns and clauses; what is aimed at the software is evidence of nothing.

    `family` is what the family said, or somebody unknown in an unlabelled call; `asked` is for each turn the
    number of the academy's turn before it, -1 if there is none.
    """

    turns: tuple[Turn, ...]
    by_turn: tuple[tuple[Clause, ...], ...]
    injection: bool
    family: tuple[Clause, ...]
    asked: tuple[int, ...]

    def before(self, number: int) -> tuple[Clause, ...]:
        """What the academy said last before a turn."""
        return self.by_turn[self.asked[number]] if self.asked[number] >= 0 else ()

    def exchanges(self, number: int) -> Iterator[tuple[tuple[Clause, ...], tuple[Clause, ...]]]:
        """Each turn of the academy behind a turn, with the family's next words."""
        for later in range(number + 1, len(self.by_turn) - 1):
            if self._academy(later) and not self._academy(later + 1):
                yield self.by_turn[later], self.by_turn[later + 1]

    def _academy(self, number: int) -> bool:
        return self.turns[number].speaker is Speaker.ACADEMY


def hear(text: str, channel: Channel, direction: Direction) -> Heard:
    """Split into turns, sentences and clauses, and look every phrase up once."""
    spoken = turns(text, channel, direction)
    found: list[list[Clause]] = [[] for _ in spoken]
    parts = list(_parts(spoken))
    _look_up([part for part in parts if part.family], BOOK, found)
    _look_up([part for part in parts if not part.family], OURS, found)
    family = [c for turn, said in zip(spoken, found, strict=True) if _counts(turn) for c in said]
    aimed = {c.quote for c in family if "injection.any" in c.labels}
    if aimed:
        found = [[c for c in said if c.quote not in aimed] for said in found]
        family = [c for c in family if c.quote not in aimed]
    by_turn = tuple(map(tuple, found))
    return Heard(spoken, by_turn, bool(aimed), tuple(family), tuple(_asked(spoken)))


class _Part(NamedTuple):
    """A clause before any phrase is looked up in it; `asked` if a question mark ends it."""

    turn: Turn
    number: int
    family: bool
    quote: str
    words: list[str]
    asked: bool


def _parts(spoken: tuple[Turn, ...]) -> Iterator[_Part]:
    quotes = [(number, turn, quote) for number, turn in enumerate(spoken) for quote in _quotes(turn.text)]
    said = clauses([quote for _, _, quote in quotes])
    for (number, turn, quote), runs in zip(quotes, said, strict=True):
        for run in runs:
            asked = run is runs[-1] and "?" in quote[-3:]
            yield _Part(turn, number, _counts(turn), quote, run, asked)


def _quotes(text: str) -> Iterator[str]:
    for start, end in sentences(text):
        if end - start <= _LONGEST:
            yield text[start:end]
        else:
            yield from (text[left:right] for left, right in _cut(text, start, end))


def _look_up(parts: list[_Part], book: Phrasebook, found: list[list[Clause]]) -> None:
    """Add a clause for each part of one side, in the place of its turn."""
    for part, hits in zip(parts, book.hits_in([part.words for part in parts]), strict=True):
        labels = frozenset([hit[0] for hit in hits])
        question = part.asked or _asks(part.words) or "ask.any" in labels
        denied = _denied(part.words)
        clause = Clause(
            part.turn.speaker, part.number, part.quote, part.words, hits, labels, question, denied
        )
        found[part.number].append(clause)


def _denied(tokens: list[str]) -> frozenset[int]:
    """The words close behind a "not", up to a comma or a word that it does not reach over."""
    if NEGATORS.isdisjoint(tokens):
        return _NONE
    words, groups = grouped(tokens)
    denied: set[int] = set()
    for place, word in enumerate(words):
        if word not in NEGATORS:
            continue
        for at in range(place + 1, min(place + _REACH, len(words) - 1) + 1):
            if groups[at] != groups[place]:
                break
            denied.add(at)
            if words[at] in _ENDS:
                break
    return frozenset(denied)


def _counts(turn: Turn) -> bool:
    return turn.speaker is not Speaker.ACADEMY


def _asked(spoken: tuple[Turn, ...]) -> Iterator[int]:
    last = -1
    for number, turn in enumerate(spoken):
        yield last
        last = last if _counts(turn) else number


def _asks(words: list[str]) -> bool:
    """Whether a clause without its mark begins as questions do."""
    at = 0
    while at < len(words) - 2 and words[at] in GREETERS:
        at += 1
    if len(words) - at < 2:
        return False
    first, second = words[at], words[at + 1]
    if first in _OPENING:
        return second != "not"
    return (first in ASKERS and second not in TELLERS) or (first in AUXILIARIES and second in SUBJECTS)


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence without end in pieces, each cut at a space."""
    pieces: list[tuple[int, int]] = []
    while end - start > _LONGEST:
        space = text.rfind(" ", start + 1, start + _LONGEST)
        cut = space if space > start else start + _LONGEST
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]
