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

_RATE, _EPOCHS, _BATCH, _ORDERS, _OFTEN = 0.6, 6, 64, 4, 3
_UNITS = 90  # of the largest weight
_LEAST = 6  # units: less than that in every class is nothing
Floats = NDArray[np.float64]
Row = tuple[NDArray[np.intp], Floats]
"""Of a sample the numbers of its features, and what each counts."""


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
    """The weights that tell the classes of each head from one another; features met less than `_OFTEN` are left out.

    They are the mean of what is learned in several orders.
    """
    met = Counter(feature for one in samples for part in one.parts for feature in part)
    kept = sorted((feature for feature, times in met.items() if times >= _OFTEN), key=str)
    number = {feature: at for at, feature in enumerate(kept)}
    rows = [_row(one, number, fades) for one in samples]
    right = np.array([[float(name in one.right) for name in classes] for one in samples])
    learned = [_descended(rows, right, len(kept), _heads(classes), seed) for seed in range(_ORDERS)]
    mean: Floats = np.mean(learned, axis=0)
    return _rounded(tuple(classes), mean[-1], dict(zip(kept, mean[:-1], strict=True)))


def _row(one: Sample, number: dict[Feature, int], fades: float) -> Row:
    """The features of a sample by number, each with what it counts; one that all have stands last."""
    counts: dict[int, float] = {}
    for place, part in enumerate(one.parts):
        for feature in part:
            if feature in number:
                counts.setdefault(number[feature], fades**place)
    at = sorted(counts)
    found = np.array([counts[each] for each in at])
    return np.array([*at, len(number)], dtype=np.intp), np.append(found / np.sqrt(found @ found + 1), 1.0)


def _heads(classes: Sequence[str]) -> list[slice]:
    """Where the classes of each head stand."""
    found, at = [], 0
    for _, names in groupby(classes, lambda name: name.rpartition(".")[0]):
        size = len(list(names))
        found.append(slice(at, at + size))
        at += size
    return found


def _descended(rows: Sequence[Row], right: Floats, features: int, heads: list[slice], seed: int) -> Floats:
    """A row of weights for each feature, and that of the bias behind them."""
    weights = np.zeros((features + 1, heads[-1].stop))
    squares = np.full_like(weights, 0.01)
    order = list(range(len(rows)))
    chance = random.Random(seed)  # noqa: S311 - an order to learn in, no secret
    for _ in range(_EPOCHS):
        chance.shuffle(order)
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            at, slope = _slope(weights, [rows[each] for each in some], right[some], heads)
            squares[at] += slope * slope
            weights[at] -= _RATE * slope / np.sqrt(squares[at])
    return weights


def _slope(
    weights: Floats, rows: Sequence[Row], right: Floats, heads: list[slice]
) -> tuple[NDArray[np.intp], Floats]:
    """The features of some samples, and for each how far it leads from what is right."""
    at, counts = (np.concatenate(part) for part in zip(*rows, strict=True))
    sizes = [len(known) for known, _ in rows]
    starts = np.cumsum([0, *sizes[:-1]])
    off = _off(np.add.reduceat(weights[at] * counts[:, None], starts), right, heads)
    each = np.repeat(off, sizes, axis=0) * counts[:, None]
    by_feature = np.argsort(at, kind="stable")
    found, first = np.unique(at[by_feature], return_index=True)
    return found, np.add.reduceat(each[by_feature], first)


def _off(scores: Floats, right: Floats, heads: list[slice]) -> Floats:
    """How far each class's probability is from what is right; of a head that a sample says nothing of, not at all."""
    off = np.zeros_like(scores)
    for head in heads:
        odds = np.exp(scores[:, head] - scores[:, head].max(axis=1, keepdims=True))
        said = right[:, head].sum(axis=1, keepdims=True)
        off[:, head] = (odds / odds.sum(axis=1, keepdims=True) - right[:, head]) * said
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
