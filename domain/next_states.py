"""What followed each action so far: next states counted from the transitions, in whatever order they are met (L3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.q_learning import LATE
from domain.records import TableCreated, Transition


@dataclass(frozen=True, slots=True)
class Next:
    """One thing that followed: the state, what could be done there, how often, and in how many seconds on average."""

    to_state: str
    next_actions: tuple[str, ...]
    terminal: bool
    count: int
    elapsed_s: float


Counts = Mapping[tuple[str, str], tuple[Next, ...]]
"""By state and action; the most frequent first, ties by name."""


def counted(transitions: Iterable[Transition | TableCreated]) -> Counts:
    """The counts of one table's transitions; what came late, or followed no decision, is no next state."""
    seen: dict[tuple[str, str], dict[tuple[str, tuple[str, ...], bool], list[float]]] = {}
    for each in transitions:
        if isinstance(each, TableCreated) or each.action is None or each.kind == LATE:
            continue
        followed = seen.setdefault((each.from_state, each.action), {})
        followed.setdefault((each.to_state, each.next_actions, each.terminal), []).append(each.elapsed_s)
    return {pair: ranked(Next(*key, len(times), sum(times) / len(times)) for key, times in followed.items())
            for pair, followed in seen.items()}  # fmt: skip


def ranked(found: Iterable[Next]) -> tuple[Next, ...]:
    """The most frequent first."""
    return tuple(sorted(found, key=lambda each: (-each.count, each.to_state, each.next_actions)))
