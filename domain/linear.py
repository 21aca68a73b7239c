"""Multinomial logistic regression over words, as trained by `tests/extraction/train.py` on texts of our own.

A weight is a whole number of `unit`s, so that a sum is the same in whatever order it is made.
"""

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from pathlib import Path

Feature = str | tuple[str, ...]
"""A word, words behind one another, or what a rule says, which begins with "=" or "!"."""

_GROUPS: dict[str, str] = tomllib.loads(Path(__file__).with_name("kindred.toml").read_text("utf-8"))["groups"]
_KIN = {word: name.upper() for name, words in reversed(_GROUPS.items()) for word in words.split()}
_FIRST, _LAST = "^", "$"


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of each class by feature, `bias` where nothing is known."""

    classes: tuple[str, ...]
    unit: float
    bias: tuple[int, ...]
    weights: dict[Feature, tuple[int, ...]]

    def chances(self, found: set[Feature]) -> tuple[float, ...]:
        """The probability of each class, in their order; they sum to 1."""
        rows = [self.weights[feature] for feature in self.weights.keys() & found]
        share = self.unit / math.sqrt(len(rows) + 1)
        summed = map(sum, zip(*rows, strict=True)) if rows else repeat(0)
        scores = zip(self.bias, summed, strict=False)
        odds = [math.exp(self.unit * bias + share * total) for bias, total in scores]
        whole = sum(odds)
        return tuple(one / whole for one in odds)


def of_words(pieces: Iterable[Sequence[str]]) -> set[Feature]:
    """Words, the groups of their kind, and two of either together, of each clause."""
    found: set[Feature] = set()
    for piece in pieces:
        said = [_FIRST, *(word for word in piece if word != ","), _LAST]
        kin = [_KIN.get(word, word) for word in said]
        found.update(said, kin, pairwise(said), pairwise(kin))
    return found


def read(path: Path) -> Linear:
    """The weights of a file: classes, unit and bias, then a feature a line."""
    head, unit, bias, *lines = path.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    weights = {_feature(name): tuple(map(int, row.split())) for name, row in rows}
    return Linear(tuple(head.split()), float(unit), tuple(map(int, bias.split())), weights)


def written(model: Linear) -> str:
    """The file of these weights."""
    head = [" ".join(model.classes), repr(model.unit), " ".join(map(str, model.bias))]
    lines = sorted(f"{_name(feature)}\t{' '.join(map(str, row))}" for feature, row in model.weights.items())
    return "\n".join([*head, *lines, ""])


def _name(feature: Feature) -> str:
    return feature if isinstance(feature, str) else " ".join(feature)


def _feature(name: str) -> Feature:
    words = tuple(name.split(" "))
    return words if len(words) > 1 else name
