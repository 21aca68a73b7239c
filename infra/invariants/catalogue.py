"""Every invariant in one place: its sentence, the topics that it looks at, and its checker."""

from collections.abc import Callable
from dataclasses import dataclass

from infra.invariants.answers import in_order, never_older, no_duplicate, no_loss
from infra.invariants.history import History, Violation
from infra.invariants.state import learned, restored
from infra.invariants.whole import whole

Check = Callable[[History], list[Violation]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise that always holds."""

    name: str
    says: str
    topics: tuple[str, ...]
    check: Check


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one invariant: how many records it looked at, and where it does not hold."""

    invariant: Invariant
    looked: int
    violations: list[Violation]


INVARIANTS = (
    Invariant(
        "I1",
        "every input is answered or a dead letter",
        ("interactions", "enriched", "decisions"),
        no_loss,
    ),
    Invariant("I2", "no input is answered twice", ("decisions",), no_duplicate),
    Invariant("I3", "a lead's answers come in the order of its inputs", ("enriched", "decisions"), in_order),
    Invariant(
        "I4", "the learned values are the fold of the transitions", ("transitions", "q-table"), learned
    ),
    Invariant(
        "I5", "kept state is the state after the last answer", ("decisions", "leads", "q-table"), restored
    ),
    Invariant(
        "I7",
        "all outputs of an input are there, or none",
        ("interactions", "enriched", "decisions", "transitions"),
        whole,
    ),
    Invariant("I9", "a lead's decisions never use an older table", ("decisions",), never_older),
)


def check(history: History) -> list[Result]:
    """Every invariant over one history."""
    return [
        Result(each, sum(len(history.of(topic)) for topic in each.topics), each.check(history))
        for each in INVARIANTS
    ]
