"""All figures of one half, and the same as JSON."""

from dataclasses import asdict, dataclass
from typing import Any

from tests.extraction import fields
from tests.extraction.fields import CLASSES, FOLLOWING, Read, is_changed
from tests.extraction.golden import Half
from tests.extraction.labels import Confusion, Label
from tests.extraction.matching import Tally


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one half."""

    half: Half
    interactions: int
    classes: dict[str, Confusion]
    following: dict[str, Confusion]
    changed: tuple[int, ...]
    items: dict[str, Tally]
    objections: dict[str, Tally]
    agreement: dict[str, float]
    signals: Tally

    @property
    def changed_rate(self) -> float:
        """How often errors change status, bucket or consent: the decision-level rate."""
        return len(self.changed) / self.interactions


def scores(half: Half, told: list[Read]) -> Scores:
    """Score one half."""
    topics, of_objections = fields.objections(told)
    signals, of_signals = fields.signals(told)
    return Scores(
        half=half,
        interactions=len(told),
        classes=fields.classes(told),
        following=fields.following(told),
        changed=tuple(one.golden.number for one in told if is_changed(one)),
        items=fields.items(told),
        objections=topics,
        agreement=of_objections | of_signals,
        signals=signals,
    )


def as_json(found: Scores, told: list[Read]) -> dict[str, Any]:
    """The figures under the names of the tables; which interactions are misread is told of the open half only."""
    macro = {name: c.macro_f1(CLASSES[name][1]) for name, c in found.classes.items()}
    return {
        "interactions": found.interactions,
        "decision_level_rate": found.changed_rate,
        "accuracy": {name: c.accuracy for name, c in (found.classes | found.following).items()},
        "macro_f1": macro,
        "per_class": {
            name: {label: _label(c.label(label)) for label in CLASSES[name][1]}
            for name, c in found.classes.items()
        },
        "items": {name: _tally(tally) for name, tally in found.items.items()},
        "objections": {name: _tally(tally) for name, tally in found.objections.items()},
        "signals": _tally(found.signals),
        "agreement": found.agreement,
    } | ({"misread": _misread(told)} if found.half == "open" else {})


def _label(label: Label) -> dict[str, Any]:
    return asdict(label) | {"precision": label.precision, "recall": label.recall, "f1": label.f1}


def _tally(tally: Tally) -> dict[str, Any]:
    rates = ("precision", "recall", "omission", "hallucination")
    return asdict(tally) | {name: getattr(tally, name) for name in rates}


def _misread(told: list[Read]) -> dict[int, dict[str, list[str]]]:
    """By number: each field whose class is wrong, with what it should be and what it is."""
    found: dict[int, dict[str, list[str]]] = {}
    for one in told:
        seen = [(name, see(one.golden.said), see(one.said)) for name, (see, _) in CLASSES.items()]
        seen += [(name, see(one.right), see(one.became)) for name, (see, _) in FOLLOWING.items()]
        wrong = {name: [want, said] for name, want, said in seen if want != said}
        if wrong:
            found[one.golden.number] = wrong
    return found
