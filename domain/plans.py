"""What is likely to be done over the next steps: the learned values rolled out greedily over what followed so far (X2).

A plan is a forecast: each of its steps is decided anew when its time comes, by whatever is known then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.actions import STOP
from domain.next_states import Next
from domain.q_learning import Values

MOST = 3
"""Steps of a plan."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action in one state, what it is worth, and what most often followed it.

    `wait_s` is how many seconds that took on average, `share` how often it was just that; None where nothing is known.
    """

    state: str
    action: str
    q: float
    visits: int
    wait_s: float | None = None
    leads_to: str | None = None
    share: float | None = None


Follows = Callable[[str, str], Sequence[Next]]
"""What followed an action in a state, the most frequent first."""


def planned(state: str, action: str, values: Values, follows: Follows, most: int = MOST) -> tuple[Step, ...]:
    """At most so many steps, the first of them as given; it ends where the journey does, or nothing is known."""
    return tuple(_steps(state, action, values, follows, most))


def _steps(state: str, action: str, values: Values, follows: Follows, most: int) -> Iterator[Step]:
    for _number in range(most):
        row = values.row(state, action)
        found = follows(state, action)
        if not found:
            yield Step(state, action, row.q, row.visits)
            return
        likely, total = found[0], sum(each.count for each in found)
        share = likely.count / total
        yield Step(state, action, row.q, row.visits, likely.elapsed_s, likely.to_state, share)
        if likely.terminal or action == STOP or not likely.next_actions:
            return
        state = likely.to_state
        action = best(state, likely.next_actions, values)


def best(state: str, actions: Sequence[str], values: Values) -> str:
    """The action of the greatest value, ties to the earlier one; without a bonus, for nothing is tried in a plan."""
    return max(actions, key=lambda action: values.row(state, action).q)
