"""A transcript as heard: clauses with their speaker, their exact sentence and the phrases found in them."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.notation import NEGATORS
from domain.phrasebook import Hit, grouped
from domain.turns import Turn, turns
from domain.vocabulary import Channel, Direction, Speaker
from domain.wording import clauses, sentences
from extractor.lexicon import (
    ASKERS,
    AUXILIARIES,
    BOOK,
    GREETERS,
    OURS,
    REFUSALS,
    SUBJECTS,
    TELLERS,
)

_LONGEST = 400  # characters of a clause: a run-on transcript is cut so that time stays linear
_OPENING = frozenset({"are", "does"})  # whatever begins so is a question
_OPENERS = GREETERS | ASKERS | AUXILIARIES | _OPENING
_ENDS = frozenset({"so", "because", "since", "until"})  # what a "not" before them does not reach over
_ACADEMY = Speaker.ACADEMY  # looked up once, for a member of an enum costs ten times a name
_ASKS = "ask.any"
_NONE: frozenset[int] = frozenset()
_NO_LABELS: frozenset[str] = frozenset()
_NO_HITS: list[Hit] = []
_REACH = 4  # words over which a "not" reaches


class Clause:
    """Part of a sentence; `quote` is its sentence as it stands in the transcript, `labels` are negated or not.

    `refusing` are the phrases of the table of opt-outs, which are none of `hits`.
    """

    __slots__ = ("_denied", "hits", "labels", "question", "quote", "refusing", "speaker", "tokens", "turn")

    def __init__(self, part: "Part", hits: list[Hit]) -> None:
        self.speaker, self.turn, self.quote, self.tokens, asked = part
        self.hits, self.refusing = hits, _NO_HITS
        self.labels = frozenset([hit[0] for hit in hits]) if hits else _NO_LABELS
        if hits and not self.labels.isdisjoint(REFUSALS):
            self.hits = [hit for hit in hits if hit[0] not in REFUSALS]
            self.refusing = [hit for hit in hits if hit[0] in REFUSALS]
            self.labels -= REFUSALS
        self.question = asked or _ASKS in self.labels or (self.tokens[0] in _OPENERS and _asks(self.tokens))
        self._denied: frozenset[int] | None = None

    @property
    def denied(self) -> frozenset[int]:
        """The words, counted without commas, that a "not" reaches."""
        if self._denied is None:
            self._denied = _denied(self.tokens)
        return self._denied

    def found(self, section: str) -> tuple[Hit, ...]:
        """Hits of a section that no "not" before them turns round."""
        denied = self.denied
        return tuple([h for h in self.hits if h.label.startswith(section) and h.start not in denied])

    def has(self, *labels: str) -> bool:
        """Whether a phrase of one of these labels stands unnegated."""
        if self.labels.isdisjoint(labels):
            return False
        denied = self.denied
        return not denied or any(h.label in labels and h.start not in denied for h in self.hits)

    def negated(self, hit: Hit) -> bool:
        """Whether one of the words close before, back to a comma, denies it."""
        return hit.start in self.denied

    @property
    def length(self) -> int:
        """Words and commas."""
        return len(self.tokens)


class Heard(NamedTuple):
    """All turns and clauses; what is aimed at the software is evidence of nothing.

    `family` is what the family said, or somebody unknown in an unlabelled call, and `labels` are those of all of it;
    `asked` is for each turn the number of the academy's turn before it, -1 if there is none.
    """

    turns: tuple[Turn, ...]
    by_turn: tuple[tuple[Clause, ...], ...]
    injection: bool
    family: tuple[Clause, ...]
    labels: frozenset[str]
    asked: tuple[int, ...]

    def before(self, number: int) -> tuple[Clause, ...]:
        """What the academy said last before a turn."""
        return self.by_turn[self.asked[number]] if self.asked[number] >= 0 else ()

    def exchanges(self, number: int) -> Iterator[tuple[tuple[Clause, ...], tuple[Clause, ...]]]:
        """Each turn of the academy behind a turn, with the family's next words."""
        for later in range(number + 1, len(self.by_turn) - 1):
            ours, theirs = self.turns[later].speaker, self.turns[later + 1].speaker
            if ours is _ACADEMY and theirs is not _ACADEMY:
                yield self.by_turn[later], self.by_turn[later + 1]


def hear(text: str, channel: Channel, direction: Direction) -> Heard:
    """Split into turns, sentences and clauses, and look every phrase up once."""
    spoken = turns(text, channel, direction)
    found: list[list[Clause]] = [[] for _ in spoken]
    ours, theirs = _parts(spoken)
    for book, parts in ((BOOK, theirs), (OURS, ours)):
        if not parts:
            continue
        for part, hits in zip(parts, book.hits_in([part[3] for part in parts]), strict=True):
            found[part[1]].append(Clause(part, hits))
    family = [c for turn, said in zip(spoken, found, strict=True) if _counts(turn) for c in said]
    aimed = {c.quote for c in family if "injection.any" in c.labels}
    if aimed:
        found = [[c for c in said if c.quote not in aimed] for said in found]
        family = [c for c in family if c.quote not in aimed]
    by_turn = tuple(map(tuple, found))
    labels = _NO_LABELS.union(*[c.labels for c in family])
    return Heard(spoken, by_turn, bool(aimed), tuple(family), labels, tuple(_asked(spoken)))


Part = tuple[Speaker, int, str, list[str], bool]
"""Of a clause the speaker, the number of its turn, its sentence, its words, and whether a question mark ends it."""


def _parts(spoken: tuple[Turn, ...]) -> tuple[list[Part], list[Part]]:
    """What the academy said, and what anybody else did."""
    ours: list[Part] = []
    theirs: list[Part] = []
    told: list[tuple[Speaker, int, str]] = []
    for number, (speaker, text, _) in enumerate(spoken):
        for start, end in sentences(text):
            cuts = [(start, end)] if end - start <= _LONGEST else _cut(text, start, end)
            told += [(speaker, number, text[left:right]) for left, right in cuts]
    for (speaker, number, quote), runs in zip(told, clauses([quote for _, _, quote in told]), strict=True):
        parts = ours if speaker is _ACADEMY else theirs
        asked = "?" in quote[-3:]
        for run in runs:
            parts.append((speaker, number, quote, run, asked and run is runs[-1]))
    return ours, theirs


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
    return turn.speaker is not _ACADEMY


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
