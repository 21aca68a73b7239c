"""A transcript as heard: clauses with their speaker, their exact sentence and the phrases found in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.turns import Turn, turns
from domain.vocabulary import Channel, Direction, Speaker
from domain.wording import Hit, clauses, plain, sentences
from extractor.lexicon import BOOK

_NEGATORS = frozenset({"not", "never", "no", "without", "nor", "neither", "hardly", "nobody", "ni", "nunca"})
_LONGEST = 400  # characters of a clause: a run-on transcript is cut so that time stays linear
_ASKS = re.compile(
    r"(?:(?:and|so|also|hi|hey|okay|but|well|,) )*(?:how (?:much|many|long|often|do|does|about|old)|what (?!a )|"
    r"(?:when|where|which|who|why) (?:is|are|do|does|did|can|would|will|days|coach)|do you|does|is there|"
    r"are there|can (?:i|we|he|she|you)|could (?:i|we|you)|is it|are you|would you|cuanto|donde|tienen|hay)\b"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Part of a sentence; `quote` is its sentence as it stands in the transcript, `labels` are negated or not."""

    speaker: Speaker
    turn: int
    quote: str
    words: str
    question: bool
    hits: tuple[Hit, ...]
    labels: frozenset[str]

    def found(self, section: str) -> tuple[Hit, ...]:
        """Hits of a section that no "not" before them turns round."""
        return tuple(h for h in self.hits if h.label.startswith(section) and not self.negated(h))

    def has(self, label: str) -> bool:
        """Whether a phrase of this label stands unnegated."""
        return label in self.labels and any(h.label == label and not self.negated(h) for h in self.hits)

    def negated(self, hit: Hit) -> bool:
        """Whether one of the 4 words before, back to a comma, denies it."""
        near = self.words[max(0, hit.start - 48) : hit.start].split()[-4:]
        near = near[near.index(",") + 1 :] if "," in near else near
        return not _NEGATORS.isdisjoint(near)


@dataclass(frozen=True, slots=True)
class Heard:
    """All turns and clauses; what is aimed at the software is evidence of nothing."""

    turns: tuple[Turn, ...]
    by_turn: tuple[tuple[Clause, ...], ...]
    injection: bool

    def family(self) -> tuple[Clause, ...]:
        """What the family said, or somebody unknown in an unlabelled call."""
        return tuple(c for turn in self.by_turn for c in turn if c.speaker is not Speaker.ACADEMY)

    def before(self, number: int) -> tuple[Clause, ...]:
        """What the academy said directly before a turn."""
        return self.by_turn[number - 1] if number and self._academy(number - 1) else ()

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
    found = [_clauses(number, turn) for number, turn in enumerate(spoken)]
    own = (c for said in found for c in said if c.speaker is not Speaker.ACADEMY)
    aimed = {c.quote for c in own if c.has("injection.any")}
    kept = tuple(tuple(c for c in said if c.quote not in aimed) for said in found)
    return Heard(spoken, kept, injection=bool(aimed))


def _clauses(number: int, turn: Turn) -> list[Clause]:
    made: list[Clause] = []
    for start, end in sentences(turn.text):
        for left, right in _cut(turn.text, start, end):
            quote = turn.text[start:end] if end - start <= _LONGEST else turn.text[left:right]
            for a, b in clauses(turn.text, left, right):
                words = plain(turn.text[a:b])
                question = "?" in turn.text[a : b + 1] or bool(_ASKS.match(words))
                hits = BOOK.hits(words)
                labels = frozenset(hit.label for hit in hits)
                made.append(Clause(turn.speaker, number, quote, words, question, hits, labels))
    return made


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence without end in pieces, each cut at a space."""
    pieces: list[tuple[int, int]] = []
    while end - start > _LONGEST:
        space = text.rfind(" ", start + 1, start + _LONGEST)
        cut = space if space > start else start + _LONGEST
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]
