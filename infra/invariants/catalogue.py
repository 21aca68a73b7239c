"""Every invariant in one place: its sentence, the topics that it looks at, and its checker."""

from collections.abc import Callable
from dataclasses import dataclass

from infra.invariants.answers import in_order, never_older, no_duplicate, no_loss
from infra.invariants.healed import at_rest, replayed, unrecorded, unrest
from infra.invariants.history import History, Violation
from infra.invariants.state import learned, restored
from infra.invariants.views import SOURCES, projected, unprojected
from infra.invariants.whole import whole
from schemas.topics import TOPICS

Check = Callable[[History], list[Violation]]


def _known(_history: History) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise that always holds; `unknown` says why a history does not tell, nothing where it does."""

    name: str
    says: str
    topics: tuple[str, ...]
    check: Check
    unknown: Callable[[History], str] = _known


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one invariant: how many records it looked at, and where it does not hold.

    `unknown` is why nothing was looked at, or nothing.
    """

    invariant: Invariant
    looked: int
    violations: list[Violation]
    unknown: str = ""


INVARIANTS = (
    Invariant(
        "I1",
        "every input is answered or a dead letter",
        ("inbox", "interactions", "enriched", "decisions"),
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
        "I6", "the views are the fold of the log up to their positions", SOURCES, projected, unprojected
    ),
    Invariant(
        "I7",
        "all outputs of an input are there, or none",
        ("interactions", "enriched", "decisions", "transitions"),
        whole,
    ),
    Invariant("I8", "no transaction hangs once nothing waits", tuple(TOPICS), at_rest, unrest),
    Invariant("I9", "a lead's decisions never use an older table", ("decisions",), never_older),
    Invariant(
        "I10",
        "the record topics decide everything alike again",
        ("enriched", "decisions", "transitions", "policies"),
        replayed,
        unrecorded,
    ),
)


def check(history: History) -> list[Result]:
    """Every invariant over one history."""
    return [_result(each, history) for each in INVARIANTS]


def _result(invariant: Invariant, history: History) -> Result:
    if unknown := invariant.unknown(history):
        return Result(invariant, 0, [], unknown)
    looked = sum(len(history.of(topic)) for topic in invariant.topics)
    return Result(invariant, looked, invariant.check(history))
