"""How an action is selected: UCB over the learned values or the rules, and a share of draws (P1-P5, L4).

Auer, Cesa-Bianchi and Fischer, Finite-time Analysis of the Multiarmed Bandit Problem (2002), per state.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from domain.actions import ACTIONS, STOP
from domain.buckets import named
from domain.experiments import assigned
from domain.exploration import drawn, visits
from domain.parameters import Arm, Exploration, Parameters
from domain.q_learning import Row, Values
from domain.records import ActionVerdict, Seed
from domain.rules import ruled
from domain.states import Lead
from domain.vocabulary import Bucket, Status

RULES = "rules"
"""The rule engine as an arm or a policy; any other name is that of a UCB over the values (P4)."""

NO_EXPLORATION = Exploration(rate=0.0)


@dataclass(frozen=True, slots=True)
class Learned:
    """What a decision may look at besides the lead: the values as they stand, and the parameters in force."""

    values: Values
    parameters: Parameters


def ucb_bonus(c: float, state_visits: int, visits: int) -> float:
    """C sqrt(ln(N(s) + 1) / (N(s, a) + 1)), in units of reward; both counts include pseudo-visits (L3)."""
    return c * math.sqrt(math.log(state_visits + 1) / (visits + 1))


@dataclass(frozen=True, slots=True)
class Selection:
    """The action of one decision, and what it was chosen by."""

    action: str
    actions: tuple[ActionVerdict, ...]
    policy_id: str
    arm: Arm
    explored: bool
    exploration: Exploration | None


def select(
    lead: Lead, about: Bucket, decision_id: str, refusals: Mapping[str, str | None], learned: Learned
) -> Selection:
    """The arm's choice among the allowed actions, or for a share of decisions a draw among plausible ones.

    `ucb`: the greatest value and bonus, ties to the earlier name; `rules`: the rule engine, which also decides
    while the state has fewer real visits than the floor (P5). The rule engine's own arm explores nothing, and where
    one action alone is allowed there is nothing to explore.
    """
    parameters = learned.parameters
    state = named(lead.status, about)
    rows = {name: learned.values.row(state, name) for name in ACTIONS}
    bonuses = _bonuses(rows, parameters.ucb_c)
    open_actions = [name for name, why in refusals.items() if why is None]
    arm = arm_of(lead.lead_id, parameters)
    is_ruled = arm.policy_id == RULES or sum(row.visits for row in rows.values()) < parameters.floor_visits
    if is_ruled:
        greedy = ruled(lead.status, about, refusals)
    else:
        greedy = max(open_actions, key=lambda name: rows[name].q + bonuses[name])
    explores = arm.policy_id != RULES and len(open_actions) > 1 and parameters.exploration.rate > 0.0
    how = parameters.exploration if explores else NO_EXPLORATION
    draw = drawn(greedy, open_actions, rows, how, decision_id)
    verdicts = (
        _verdict(name, refusals[name], row, bonuses[name], draw.probabilities.get(name, 0.0))
        for name, row in rows.items()
    )
    policy = RULES if is_ruled else arm.policy_id
    return Selection(draw.action, tuple(verdicts), policy, arm, draw.explored, how if explores else None)


def arm_of(lead_id: str, parameters: Parameters) -> Arm:
    """The experiment's arm, else the policy in force with all leads."""
    if parameters.experiment is None:
        return Arm(parameters.policy_id, 1.0)
    return assigned(parameters.experiment, lead_id)


def _bonuses(rows: Mapping[str, Row], c: float) -> dict[str, float]:
    total = sum(visits(row) for row in rows.values())
    return {name: 0.0 if name == STOP else ucb_bonus(c, total, visits(row)) for name, row in rows.items()}


def _verdict(name: str, reason: str | None, row: Row, bonus: float, probability: float) -> ActionVerdict:
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
        probability=probability,
    )


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
