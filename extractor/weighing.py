"""What the family's words come to: the rules' findings and the words themselves, weighed by a trained model (E8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from domain.linear import Feature, of_words, read
from domain.vocabulary import Intent
from extractor.acts import INTENTS, Stance, final
from extractor.heard import Clause

MODEL = read(Path(__file__).with_name("stance_weights.txt"))
_CLASSES = tuple(map(Intent, MODEL.classes))
_LONG = 40  # words: a longer turn is weighed by the sentence, for the texts of the training are short
_FADES = 0.7  # what a passage weighs beside the one after it
_RULED = 0.3  # what the stance that stands by the rules adds
_ANSWERED = 0.8  # the same of an answer, for the model does not see the question
_LAST = 6  # passages that are weighed: one before them would weigh less than an eighth
_NOTHING = 0.5  # what several passages must come to together before they say anything


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn of the family, or a sentence of a long one, with the stances that the rules find in it."""

    said: Sequence[Clause]
    stances: tuple[Stance, ...]


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


def features(said: Sequence[Clause], ruled: Stance | None) -> set[Feature]:
    """Words, phrases of the tables, and what the rules make of them."""
    found = of_words([clause.tokens for clause in said])
    for clause in said:
        found.update([f"!{hit.label}" if clause.negated(hit) else f"={hit.label}" for hit in clause.hits])
        if clause.question:
            found.add("=question")
    found.add(f"=act.{ruled.act.name}" if ruled else "=act")
    return found


def likeliest(passages: Sequence[Passage], standing: Stance | None) -> Intent:
    """The intent that passages speak for, the later the more, and the stance that stands by the rules."""
    totals, share = [0.0] * len(_CLASSES), 1.0
    for passage in reversed(passages[-_LAST:]):
        chances = MODEL.chances(features(passage.said, final(passage.stances)))
        totals = [total + share * chance for total, chance in zip(totals, chances, strict=True)]
        share *= _FADES
    weights = dict(zip(_CLASSES, totals, strict=True))
    if standing is not None:
        weights[INTENTS[standing.act]] += _ANSWERED if standing.answers else _RULED
    if len(passages) != 1:
        weights[Intent.UNCLEAR] = _NOTHING
    return max(weights, key=weights.__getitem__)


def recent(passages: Sequence[Passage], intent: Intent) -> Passage:
    """The passage among the last ones that speaks most for an intent."""
    place = _CLASSES.index(intent)
    told = passages[-_LAST:]
    return max(told, key=lambda one: MODEL.chances(features(one.said, final(one.stances)))[place])
