"""The scores of one half: every field of the schema, and what an error changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from domain.extraction import Extraction
from domain.vocabulary import Bucket, Intent, Level, OptOut, Sentiment, Status, TopicClass
from tests.extraction.following import Followed, followed
from tests.extraction.golden import Golden
from tests.extraction.labels import Confusion, confusion
from tests.extraction.matching import (
    QUOTED,
    Item,
    Tally,
    everything,
    fact,
    matched,
    objection,
    paired,
    signal,
    wanted_fact,
)

Said = Extraction[str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read:
    """One interaction, the extraction an adapter made of it, and what follows from the label and from it."""

    golden: Golden
    said: Said
    right: Followed
    became: Followed


def read(one: Golden, said: Said) -> Read:
    """Both extractions followed up."""
    return Read(one, said, followed(one, one.said), followed(one, said))


CLASSES: dict[str, tuple[Callable[[Said], str], tuple[str, ...]]] = {
    "intent": (lambda e: e.intent.value, tuple(Intent)),
    "sentiment": (lambda e: e.sentiment.value, tuple(Sentiment)),
    "concern_level": (lambda e: e.financial_signals.concern_level.value, tuple(Level)),
    "opt_out": (lambda e: e.opt_out.verdict.value, tuple(OptOut)),
    "signed_up": (lambda e: "yes" if e.signed_up.value else "no", ("yes", "no")),
    "injection": (lambda e: "yes" if e.injection else "no", ("yes", "no")),
    "siblings_said": (lambda e: "yes" if e.family_context.siblings else "no", ("yes", "no")),
    "decider_pending": (lambda e: "yes" if e.family_context.decision_makers else "no", ("yes", "no")),
}
"""Fields with one class an interaction; of siblings and deciders the domain reads no more than whether any are."""

FOLLOWING: dict[str, tuple[Callable[[Followed], str], tuple[str, ...]]] = {
    "status": (lambda f: f.status.value, tuple(Status)),
    "bucket": (lambda f: f.bucket.value, tuple(Bucket)),
    "state": (lambda f: f.state, ()),
    "consent": (lambda f: f.consent.value, ()),
    "action": (lambda f: f.action or "none", ()),
}
"""What the domain makes of it."""


def classes(half: list[Read]) -> dict[str, Confusion]:
    """One table of wanted against said for each field with a class."""
    return {
        name: confusion((see(one.golden.said), see(one.said)) for one in half)
        for name, (see, _) in CLASSES.items()
    }


def following(half: list[Read]) -> dict[str, Confusion]:
    """The same for what follows."""
    return {
        name: confusion((see(one.right), see(one.became)) for one in half)
        for name, (see, _) in FOLLOWING.items()
    }


def is_changed(one: Read) -> bool:
    """Whether the extraction's errors change the household's status, bucket or consent."""
    return (one.right.state, one.right.consent) != (one.became.state, one.became.consent)


def items(half: list[Read]) -> dict[str, Tally]:
    """Tallies of all fields that hold any number of texts: see `matching.matched` for what counts."""
    found = {name: _sum(_quoted(name, one) for one in half) for name in QUOTED}
    found["open_questions"] = _sum(_questions(one) for one in half)
    found["facts"] = _sum(_facts(one) for one in half)
    found["opt_out quote"] = _sum(_single(one, lambda e: e.opt_out.quote) for one in half)
    found["signed_up quote"] = _sum(_single(one, lambda e: e.signed_up.quote) for one in half)
    return found


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def _quoted(name: str, one: Read) -> Tally:
    wanted, said = (list(map(Item, QUOTED[name](e))) for e in (one.golden.said, one.said))
    return matched(one.golden.transcript, wanted, said)


def _questions(one: Read) -> Tally:
    wanted, said = ([Item(q, None) for q in e.open_questions] for e in (one.golden.said, one.said))
    return matched(one.golden.transcript, wanted, said)


def _facts(one: Read) -> Tally:
    wanted = list(map(wanted_fact, one.golden.said.facts))
    return matched(
        one.golden.transcript, wanted, list(map(fact, one.said.facts)), everything(one.golden.said)
    )


def _single(one: Read, see: Callable[[Said], str | None]) -> Tally:
    wanted, said = ([Item(quote) for quote in (see(e),) if quote] for e in (one.golden.said, one.said))
    return matched(one.golden.transcript, wanted, said)


def objections(half: list[Read]) -> tuple[dict[str, Tally], dict[str, float]]:
    """Tallies by topic class and of all; and of the pairs, how often severity and addressed are right."""
    by_class = {
        str(topic): _sum(
            paired(
                one.golden.transcript,
                [objection(o) for o in one.golden.said.objections if o.topic_class is topic],
                [objection(o) for o in one.said.objections if o.topic_class is topic],
            )[0]
            for one in half
        )
        for topic in TopicClass
    }
    agreed = [
        (want.severity is said.severity, want.addressed is said.addressed)
        for one in half
        for want, said in _pairs(one, lambda e: e.objections, objection)
    ]
    return {**by_class, "all": _sum(by_class.values())}, {
        "severity": _share(same for same, _ in agreed),
        "addressed": _share(same for _, same in agreed),
    }


def signals(half: list[Read]) -> tuple[Tally, dict[str, float]]:
    """Tally over all classes; and of the pairs, how often the urgency is right."""
    tally = _sum(
        paired(
            one.golden.transcript,
            list(map(signal, one.golden.said.additional_signals)),
            list(map(signal, one.said.additional_signals)),
        )[0]
        for one in half
    )
    agreed = [
        want.urgency is said.urgency
        for one in half
        for want, said in _pairs(one, lambda e: e.additional_signals, signal)
    ]
    return tally, {"urgency": _share(agreed)}


def _pairs(one: Read, see: Callable[[Said], tuple[T, ...]], item: Callable[[T], Item]) -> list[tuple[T, T]]:
    wanted, said = see(one.golden.said), see(one.said)
    _, pairs = paired(one.golden.transcript, list(map(item, wanted)), list(map(item, said)))
    return [(wanted[m], said[n]) for m, n in pairs]


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0
