"""Scores of labels: per class precision, recall and F1, their macro mean, and accuracy."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One class: how many are right, how many were said, how many are wanted."""

    right: int
    said: int
    wanted: int

    @property
    def precision(self) -> float | None:
        """None if the class was never said."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """None if there is none of the class."""
        return self.right / self.wanted if self.wanted else None

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 where nothing is right."""
        return 2 * self.right / (self.said + self.wanted) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Confusion:
    """(wanted, said) for every interaction, counted."""

    counts: Counter[tuple[str, str]]

    def label(self, name: str) -> Label:
        """One class against all others."""
        said = sum(n for (_, given), n in self.counts.items() if given == name)
        wanted = sum(n for (right, _), n in self.counts.items() if right == name)
        return Label(self.counts[name, name], said, wanted)

    @property
    def accuracy(self) -> float:
        """Share of interactions with the right class."""
        return sum(n for (want, said), n in self.counts.items() if want == said) / self.counts.total()

    def macro_f1(self, names: Sequence[str]) -> float:
        """Mean F1 of the classes that are wanted or were said; the others are not measured, so not counted."""
        found = [label for name in names if (label := self.label(name)).wanted or label.said]
        return sum(label.f1 for label in found) / len(found)


def confusion(pairs: Iterable[tuple[str, str]]) -> Confusion:
    """Counts the pairs (wanted, said)."""
    return Confusion(Counter(pairs))
