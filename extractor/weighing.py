"""What the family's words come to: the rules' findings and the words themselves, weighed by a trained model (E8).

One table of weights holds several models, one for each thing that is asked of the words (`HEADS`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import attrgetter
from pathlib import Path

from domain.linear import Feature, odds, of_words, read
from extractor.acts import Stance, final
from extractor.heard import Clause

YES, NO, NONE = "yes", "no", "none"
HEADS: dict[str, tuple[str, ...]] = {
    "intent": (
        "interested", "considering", "objecting", "scheduling", "requesting_info", "declining", "unclear"
    ),
    "sentiment": ("positive", "neutral", "negative"),
    "cost": (NONE, "low", "moderate", "high"),
    "topic": (NONE, "schedule", "distance", "safety", "fit", "trust", "other"),
    "pending": (NO, YES),
    "sibling": (NO, YES),
    "signal": (NO, YES),
    "signup": (NO, YES),
}  # fmt: skip
"""What is asked, and the answers there are; the topic is the first that is not about money."""
_PLACES = {head: slice(end - len(names), end) for (head, names), end in zip(
    HEADS.items(), accumulate(map(len, HEADS.values())), strict=True
)}  # fmt: skip
CLASSES = tuple(f"{head}.{name}" for head, names in HEADS.items() for name in names)

FADES = 0.97
"""What a passage counts beside the one after it."""
LAST = 32
"""Passages that count: one before them would count less than 0.4."""
_MODEL = read(Path(__file__).with_name("said_weights.txt"))
_LONG = 40  # words: a longer turn is weighed by the sentence, for most texts of the training are short


_ASKED = 2
"""Clauses of the academy's last turn that what the family says is seen beside."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn of the family, or a sentence of a long one, with the stances that the rules find in it.

    `asked` is what the academy said last before it.
    """

    said: Sequence[Clause]
    stances: tuple[Stance, ...]
    asked: Sequence[Clause] = ()


def parted(family: Sequence[Clause]) -> list[list[Clause]]:
    """The family's turns; of a long one, its sentences."""
    parts: list[list[Clause]] = []
    for _, turn in groupby(family, attrgetter("turn")):
        said = list(turn)
        if sum(clause.length for clause in said) <= _LONG:
            parts.append(said)
        else:
            parts += (list(sentence) for _, sentence in groupby(said, attrgetter("quote")))
    return parts


def seen(passages: Sequence[Passage], ruled: frozenset[Feature]) -> list[set[Feature]]:
    """What the model sees: of each of the last passages, the last one first; `ruled` is what the rules say of all."""
    last = passages[: -LAST - 1 : -1]
    found = [features(one.said, final(one.stances)) | _beside(one.asked) for one in last] or [set()]
    found[0] |= ruled
    return found


def features(said: Sequence[Clause], ruled: Stance | None) -> set[Feature]:
    """Words, phrases of the tables, and what the rules make of them."""
    found = of_words([clause.tokens for clause in said])
    for clause in said:
        found.update([f"!{hit.label}" if clause.negated(hit) else f"={hit.label}" for hit in clause.hits])
        if clause.question:
            found.add("=question")
    found.add(f"=act.{ruled.act.name}" if ruled else "=act")
    return found


def _beside(asked: Sequence[Clause]) -> set[Feature]:
    """The academy's words and what the tables know in them: "sure" is what it answers."""
    words = [f"<{word}" for clause in asked[-_ASKED:] for word in clause.tokens]
    return {*words, *(f"<={label}" for clause in asked for label in clause.labels)}


@dataclass(frozen=True, slots=True)
class Weighed:
    """The probability of each answer to each question of `HEADS`."""

    chances: Mapping[str, Mapping[str, float]]

    def likeliest(self, head: str) -> str:
        """The answer that the words speak for."""
        of = self.chances[head]
        return max(of, key=of.__getitem__)

    def of(self, head: str, name: str = YES) -> float:
        """How probable one answer is."""
        return self.chances[head][name]


def weighed(passages: Sequence[Passage], ruled: frozenset[Feature]) -> Weighed:
    """What passages and rules speak for."""
    scores = _MODEL.scores(seen(passages, ruled), FADES)
    return Weighed({
        head: dict(zip(HEADS[head], odds(scores[place]), strict=True)) for head, place in _PLACES.items()
    })  # fmt: skip


Votes = Sequence[tuple[Clause, list[float]]]
"""The clauses of the last passages, and how much each speaks for each of `CLASSES`."""


def votes(passages: Sequence[Passage]) -> Votes:
    """Of each clause, on its own."""
    clauses = [clause for one in passages[-LAST:] for clause in one.said]
    return [(clause, _MODEL.scores([features([clause], None)], FADES)) for clause in clauses]


def telling(found: Votes, head: str, name: str) -> Clause:
    """The clause that speaks most for an answer."""
    at = CLASSES.index(f"{head}.{name}")
    return max(found, key=lambda vote: vote[1][at])[0]
