"""Tabular Q-learning: the arithmetic, the table as a value, and its fold over transitions (L1-L3).

Watkins and Dayan, Q-learning, Machine Learning 8 (1992); seeds and pseudo-visits are ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain.records import TableCreated, Transition


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one state and action; `visits` are real only, `version` is that of its last fold."""

    q: float
    visits: int
    pseudo_visits: int
    reward_sum: float
    version: int


LATE = "late"
"""Kind of a transition that adds to a decision's reward after it was closed: no visit, no bootstrap (D7)."""

UNKNOWN = Row(q=0.0, visits=0, pseudo_visits=0, reward_sum=0.0, version=-1)


@dataclass(frozen=True, slots=True)
class Marker:
    """Ends one commit's rows of one table, so that a reader never shows half a commit."""

    version: int
    previous: int
    rows: int
    alpha: float
    gamma: float
    alpha_power: float = 0.0
    gamma_day: float = 0.0


@dataclass(frozen=True, slots=True)
class Values:
    """One learning table; `version` is the `transitions` offset of its last fold.

    `rows` maps state to action to Row and is never changed in place.
    """

    table_id: str
    version: int
    alpha: float
    gamma: float
    rows: Mapping[str, Mapping[str, Row]]
    alpha_power: float = 0.0
    gamma_day: float = 0.0

    def row(self, state: str, action: str) -> Row:
        """The pair's row; an unknown pair has value 0 and no visits (L2)."""
        return self.rows.get(state, {}).get(action, UNKNOWN)

    def __iter__(self) -> Iterator[tuple[str, str, Row]]:
        for state, actions in self.rows.items():
            for action, row in actions.items():
                yield state, action, row


NO_VALUES = Values(table_id="", version=-1, alpha=0.0, gamma=0.0, rows={})


def learning_rate(alpha: float, power: float, visits: int) -> float:
    """Constant alpha, or n to minus `power` where that is not 0 (L2); n counts this visit and pseudo-visits.

    Even-Dar and Mansour, Learning Rates for Q-learning (2003): polynomial rates with a power above 1/2 converge.
    """
    return alpha if power == 0.0 else float(max(visits, 1)) ** -power


def discount(gamma: float, gamma_day: float, elapsed_s: float) -> float:
    """Gamma a decision, or `gamma_day` to the power of the days that it took where that is not 0 (R4).

    Bradtke and Duff, Reinforcement Learning Methods for Continuous-Time Markov Decision Problems (1995).
    """
    return gamma if gamma_day == 0.0 else float(gamma_day ** (elapsed_s / 86_400))


def td_error(q: float, reward: float, gamma: float, next_q: float) -> float:
    """r + gamma max Q(s', .) - Q(s, a); a terminal step has gamma 0."""
    return reward + gamma * next_q - q


def fold(values: Values, event: Transition | TableCreated, version: int) -> Values:
    """The table after one more transition, at that transition's offset.

    A second creation, and a transition that no decision preceded, change nothing but the version.
    """
    if isinstance(event, TableCreated):
        return _created(event, version) if values.version < 0 else replace(values, version=version)
    if event.action is None:
        return replace(values, version=version)
    row, then = values.row(event.from_state, event.action), values.rows.get(event.to_state, {})
    best = max([then.get(action, UNKNOWN).q for action in event.next_actions], default=0.0)
    gamma = 0.0 if event.terminal else discount(values.gamma, values.gamma_day, event.elapsed_s)
    late = event.kind == LATE
    step = event.reward if late else td_error(row.q, event.reward, gamma, best)
    rate = learning_rate(values.alpha, values.alpha_power, row.visits + row.pseudo_visits + (not late))
    learned = Row(
        q=row.q + rate * step,
        visits=row.visits + (not late),
        pseudo_visits=row.pseudo_visits,
        reward_sum=row.reward_sum + event.reward,
        version=version,
    )
    actions = {**values.rows.get(event.from_state, {}), event.action: learned}
    return replace(values, version=version, rows={**values.rows, event.from_state: actions})


def _created(event: TableCreated, version: int) -> Values:
    rows: dict[str, dict[str, Row]] = {}
    for seed in event.seeds:
        row = Row(q=seed.q, visits=0, pseudo_visits=seed.pseudo_visits, reward_sum=0.0, version=version)
        rows.setdefault(seed.state, {})[seed.action] = row
    return Values(event.table_id, version, event.alpha, event.gamma, rows, event.alpha_power, event.gamma_day)


def changed(before: Values, after: Values) -> Iterator[tuple[str, str, Row]]:
    """Rows of `after` that are not the same objects in `before`: what one commit has to write."""
    for state, actions in after.rows.items():
        known = before.rows.get(state)
        if known is actions:
            continue
        for action, row in actions.items():
            if known is None or known.get(action) is not row:
                yield state, action, row


def row_key(table_id: str, state: str, action: str) -> str:
    """The key of a pair's row on `q-table`; a marker's key is the table id alone."""
    return f"{table_id}|{state}|{action}"


def with_rows(values: Values, rows: Iterable[tuple[str, Row]], marker: Marker, table_id: str) -> Values:
    """The table after one whole commit, read back from `q-table`: its rows by key, and its marker."""
    after = {state: dict(actions) for state, actions in values.rows.items()}
    for key, row in rows:
        _table, state, action = key.split("|")
        after.setdefault(state, {})[action] = row
    rates = (marker.alpha_power, marker.gamma_day)
    return Values(table_id, marker.version, marker.alpha, marker.gamma, after, *rates)
