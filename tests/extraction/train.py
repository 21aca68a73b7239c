"""`python -m tests.extraction.train`: the weights of what is said and of opting out, from texts of our own.

Multinomial logistic regression by AdaGrad (Duchi, Hazan, Singer 2011), in the same order each time.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.linear import Feature, Linear, packed
from domain.linear import written as as_text
from domain.opt_out import hints
from extractor.heard import hear
from extractor.offline_model import by_rules, refusal_in
from extractor.weighing import CLASSES, FADES, seen
from tests.extraction.texts import Told, examples, opened, spoken, written

_RATE, _EPOCHS, _OFTEN, _SEED = 0.3, 10, 2, 1
_UNITS = 90  # of the largest weight
_LEAST = 6  # units: less than that in every class is nothing
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a model sees, the part that counts most first, and the classes that are right."""

    parts: Sequence[set[Feature]]
    right: frozenset[str]


def sample(one: Told) -> Sample:
    """As the adapter reads it."""
    heard = hear(one.text, one.channel, one.direction)
    passages, rules = by_rules(heard, refusal_in(heard, one.channel))
    return Sample(
        seen(passages, rules.features), frozenset(f"{head}.{name}" for head, name in one.answers.items())
    )


def trained(samples: Sequence[Sample], classes: Sequence[str], fades: float = 1.0) -> Linear:
    """The weights that tell the classes of each head from one another; features met once are left out."""
    met = Counter(feature for one in samples for part in one.parts for feature in part)
    kept = sorted((feature for feature, times in met.items() if times >= _OFTEN), key=str)
    number = {feature: at for at, feature in enumerate(kept)}
    rows = [_row(one, number, fades) for one in samples]
    bias, weights = _descended(rows, [_right(one, classes) for one in samples], len(kept), _heads(classes))
    return _rounded(tuple(classes), bias, dict(zip(kept, weights, strict=True)))


def _row(one: Sample, number: dict[Feature, int], fades: float) -> tuple[NDArray[np.intp], Floats]:
    """The features of a sample by number, each with what it counts."""
    counts: dict[int, float] = {}
    for place, part in enumerate(one.parts):
        for feature in part:
            if feature in number:
                counts.setdefault(number[feature], fades**place)
    at = sorted(counts)
    found = np.array([counts[each] for each in at])
    return np.array(at, dtype=np.intp), found / np.sqrt(found @ found + 1)


def _heads(classes: Sequence[str]) -> list[slice]:
    """Where the classes of each head stand."""
    found, at = [], 0
    for _, names in groupby(classes, lambda name: name.rpartition(".")[0]):
        size = len(list(names))
        found.append(slice(at, at + size))
        at += size
    return found


def _right(one: Sample, classes: Sequence[str]) -> Floats:
    return np.array([float(name in one.right) for name in classes])


def _descended(
    rows: Sequence[tuple[NDArray[np.intp], Floats]],
    right: Sequence[Floats],
    features: int,
    heads: list[slice],
) -> tuple[Floats, Floats]:
    """Bias and weights; a head of which a sample says nothing learns nothing from it."""
    classes = heads[-1].stop
    weights, squares = np.zeros((features, classes)), np.full((features, classes), 0.01)
    bias, bias_squares = np.zeros(classes), np.full(classes, 0.01)
    order = list(range(len(rows)))
    chance = random.Random(_SEED)  # noqa: S311 - an order to learn in, no secret
    for _ in range(_EPOCHS):
        chance.shuffle(order)
        for at in order:
            known, counts = rows[at]
            slope = _off(bias + counts @ weights[known], right[at], heads)
            bias_squares += slope * slope
            bias -= _RATE * slope / np.sqrt(bias_squares)
            each = np.outer(counts, slope)
            squares[known] += each * each
            weights[known] -= _RATE * each / np.sqrt(squares[known])
    return bias, weights


def _off(scores: Floats, right: Floats, heads: list[slice]) -> Floats:
    """How far each class's probability is from what is right."""
    off = np.zeros_like(scores)
    for head in heads:
        if right[head].any():
            odds = np.exp(scores[head] - scores[head].max())
            off[head] = odds / odds.sum() - right[head]
    return off


def _rounded(classes: tuple[str, ...], bias: Floats, weights: dict[Feature, Any]) -> Linear:
    unit = round(max(float(np.abs(row).max()) for row in weights.values()) / _UNITS, 4)
    rows = {feature: [round(float(each) / unit) for each in row] for feature, row in weights.items()}
    kept = {feature: packed(row) for feature, row in rows.items() if max(map(abs, row)) >= _LEAST}
    return Linear(classes, unit, tuple(round(float(each) / unit) for each in bias), kept)


def said(told: Iterable[Told]) -> Linear:
    """The model of `extractor/weighing.py`."""
    return trained(
        [each for one in told if one.answers for each in [sample(one)] * one.times], CLASSES, FADES
    )


def opt_outs(told: Iterable[Told]) -> Linear:
    """The model of `domain/opt_out.py`, of the texts that it would be asked about."""
    judged = [(one, one.opt_out) for one in told if one.opt_out is not None]
    found = [(hints(one.text), right, one.times) for one, right in judged]
    samples = [[Sample([seen], frozenset({right.value}))] * times for seen, right, times in found if seen]
    return trained(list(chain.from_iterable(samples)), _VERDICTS)


_VERDICTS = ("no", "unsure", "yes")


def everything() -> list[Told]:
    """All that is trained on."""
    return [*written(), *spoken(), *opened(), *examples()]


def models() -> dict[Path, Linear]:
    """All that is trained, by the file that it belongs in."""
    told = everything()
    return {
        Path("extractor/said_weights.txt"): said(told),
        Path("domain/opt_out_weights.txt"): opt_outs(told),
    }


def main() -> None:
    """Train and write."""
    for path, model in models().items():
        path.write_text(as_text(model), "utf-8")


if __name__ == "__main__":
    main()
