"""How an action is selected: UCB over the learned values (P1, P2), and the seeds it starts from (L4).

Auer, Cesa-Bianchi and Fischer, Finite-time Analysis of the Multiarmed Bandit Problem (2002), per state.
"""

import math
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from domain.actions import ACTIONS, STOP
from domain.parameters import Parameters
from domain.q_learning import Row, Values
from domain.records import ActionVerdict, Seed
from domain.vocabulary import Bucket, Status


def ucb_bonus(c: float, state_visits: int, visits: int) -> float:
    """C sqrt(ln(N(s) + 1) / (N(s, a) + 1)), in units of reward; both counts include pseudo-visits (L3)."""
    return c * math.sqrt(math.log(state_visits + 1) / (visits + 1))


def score(
    state: str, refusals: Mapping[str, str | None], values: Values, parameters: Parameters
) -> tuple[ActionVerdict, ...]:
    """Every action with its mask's word, value, bonus and probability, in vocabulary order.

    The allowed action with the greatest score has probability 1; ties go to the earlier name.
    """
    rows = {name: values.row(state, name) for name in ACTIONS}
    total = sum(row.visits + row.pseudo_visits for row in rows.values())
    bonuses = {
        name: 0.0 if name == STOP else ucb_bonus(parameters.ucb_c, total, row.visits + row.pseudo_visits)
        for name, row in rows.items()
    }
    open_actions = [name for name, why in refusals.items() if why is None]
    best = max(open_actions, key=lambda name: rows[name].q + bonuses[name])
    return tuple(
        _verdict(name, refusals[name], row, bonuses[name], chosen=name == best) for name, row in rows.items()
    )


def _verdict(name: str, reason: str | None, row: Row, bonus: float, *, chosen: bool) -> ActionVerdict:
    allowed = reason is None
    return ActionVerdict(
        action=name,
        allowed=allowed,
        reason=reason,
        q=row.q,
        visits=row.visits,
        pseudo_visits=row.pseudo_visits,
        source="learned" if row.visits else "seeded" if row.pseudo_visits else "unknown",
        bonus=bonus if allowed else 0.0,
        score=row.q + bonus if allowed else None,
        probability=1.0 if chosen else 0.0,
    )


def chosen(verdicts: tuple[ActionVerdict, ...]) -> str:
    """The action with probability 1."""
    return max(verdicts, key=lambda verdict: verdict.probability).action


def seeds(pseudo_visits: int) -> tuple[Seed, ...]:
    """The rule engine's priorities as values worth `pseudo_visits` each (L2, L4)."""
    table = tomllib.loads(files("domain").joinpath("seeds.toml").read_text())
    return tuple(
        Seed(f"{Status(status)}:{Bucket(bucket)}", action, float(q), pseudo_visits)
        for bucket, lines in table.items()
        for statuses, actions in lines.items()
        for status in statuses.split()
        for action, q in actions.items()
    )
