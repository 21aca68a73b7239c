"""Multinomial logistic regression over words, as trained by `tests/extraction/train.py` on texts of our own.

A weight is a whole number of `unit`s, so that a sum is the same in whatever order it is made.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

Feature = str | tuple[str, ...]
"""A word, words behind one another, or what a rule says, which begins with "=" or "!"."""

_FIRST, _LAST = "^", "$"
_STEM = 5  # letters: words that begin alike are of a kind more often than not
_LANE = "I"  # a number in a row takes the room of one of C
_WIDTH = 8 * struct.calcsize(f"<{_LANE}")  # bits
_HALF = 1 << _WIDTH - 1


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of each class by feature, each row in one number (`packed`); `bias` where nothing is known."""

    classes: tuple[str, ...]
    unit: float
    bias: tuple[int, ...]
    weights: dict[Feature, int]

    def chances(self, found: set[Feature]) -> tuple[float, ...]:
        """The probability of each class, in their order; they sum to 1."""
        return odds(self.scores([found], 1.0))

    def scores(self, parts: Sequence[set[Feature]], fades: float) -> list[float]:
        """How much parts of a text speak for each class; a part counts `fades` of the one before it in the list.

        What is met twice counts where it is met first.
        """
        totals, size, count = [0.0] * len(self.bias), 1.0, 1.0
        met: set[Feature] = set()
        for found in parts:
            rows = [row for row in map(self.weights.get, found - met if met else found) if row is not None]
            totals = [
                total + count * each
                for total, each in zip(totals, unpacked(sum(rows), len(totals)), strict=True)
            ]
            size += len(rows) * count * count
            count *= fades
            met |= found
        share = self.unit / math.sqrt(size)
        return [self.unit * bias + share * total for bias, total in zip(self.bias, totals, strict=True)]


def odds(scores: Sequence[float]) -> tuple[float, ...]:
    """Scores as probabilities, which sum to 1."""
    most = max(scores)
    found = [math.exp(score - most) for score in scores]
    whole = sum(found)
    return tuple([one / whole for one in found])


def packed(row: Iterable[int]) -> int:
    """Numbers in one, so that rows are added as a whole; no sum may reach two thousand million either way."""
    return sum(number << _WIDTH * place for place, number in enumerate(row))


def unpacked(whole: int, size: int) -> tuple[int, ...]:
    """The numbers of a row, or of a sum of rows."""
    lanes, halves = _lanes(size)
    return tuple([number - _HALF for number in lanes.unpack((whole + halves).to_bytes(lanes.size, "little"))])


@cache
def _lanes(size: int) -> tuple[struct.Struct, int]:
    """A row of so many numbers as bytes, and what makes each of them positive."""
    return struct.Struct(f"<{size}{_LANE}"), packed([_HALF] * size)


def of_words(pieces: Iterable[Sequence[str]]) -> set[Feature]:
    """Words, two words together, and what longer words begin with, of each clause."""
    said: list[str] = []
    for piece in pieces:
        said.append(_FIRST)
        said += piece
        said.append(_LAST)
    if "," in said:
        said = [word for word in said if word != ","]
    found: set[Feature] = set(said)
    found.update([f"~{word[:_STEM]}" for word in said if len(word) > _STEM])
    found.update(pairwise(said))
    found.discard((_LAST, _FIRST))  # the end of a clause and the next one are not together
    return found


def read(path: Path) -> Linear:
    """The weights of a file: classes, unit and bias, then a feature a line."""
    head, unit, bias, *lines = path.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    weights = {_feature(name): packed(map(int, row.split())) for name, row in rows}
    return Linear(tuple(head.split()), float(unit), tuple(map(int, bias.split())), weights)


def written(model: Linear) -> str:
    """The file of these weights."""
    head = [" ".join(model.classes), repr(model.unit), " ".join(map(str, model.bias))]
    size = len(model.bias)
    rows = ((_name(feature), unpacked(row, size)) for feature, row in model.weights.items())
    lines = sorted(f"{name}\t{' '.join(map(str, row))}" for name, row in rows)
    return "\n".join([*head, *lines, ""])


def _name(feature: Feature) -> str:
    return feature if isinstance(feature, str) else " ".join(feature)


def _feature(name: str) -> Feature:
    words = tuple(name.split(" "))
    return words if len(words) > 1 else name
