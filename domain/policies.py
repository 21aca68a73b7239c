"""How an action is selected: UCB over the learned values or the rules, and a share of draws (P1-P5, L4).

Auer, Cesa-Bianchi and Fischer, Finite-time Analysis of the Multiarmed Bandit Problem (2002), per state.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.actions import ACTIONS, STOP
from domain.buckets import named
from domain.experiments import assigned
from domain.exploration import drawn, visits
from domain.hints import settled
from domain.parameters import Arm, Exploration, Parameters
from domain.q_learning import UNKNOWN, Row, Values
from domain.records import ActionVerdict
from domain.rules import ruled
from domain.states import Lead
from domain.vocabulary import Bucket

RULES = "rules"
"""The rule engine as an arm or a policy (L4)."""
UCB = "ucb"
"""The live values with a bonus for what is little known (P1)."""
CHAMPION = "champion"
"""The snapshot in force, greedily and without a bonus (P1)."""
CANDIDATE = "snapshot:"
"""Begins the name of an arm that decides from another snapshot; its version follows (P4)."""

NO_EXPLORATION = Exploration(rate=0.0)


class UnknownPolicy(ValueError):
    """Parameters name a policy that is none, or a snapshot that is not on `policies`."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a decision may look at besides the lead: the values, the parameters in force, frozen tables by version."""

    values: Values
    parameters: Parameters
    snapshots: Mapping[int, Values] = field(default_factory=dict)


def ucb_bonus(c: float, state_visits: int, visits: int) -> float:
    """C sqrt(ln(N(s) + 1) / (N(s, a) + 1)), in units of reward; both counts include pseudo-visits (L3)."""
    return c * math.sqrt(math.log(state_visits + 1) / (visits + 1))


@dataclass(frozen=True, slots=True)
class Basis:
    """Which values a policy decides from, and with which bonus; `snapshot` is None for the live table."""

    values: Values
    ucb_c: float
    snapshot: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is to be decided: where the lead stands, under which id, what may not be done, and what is suggested."""

    lead: Lead
    bucket: Bucket
    decision_id: str
    refusals: Mapping[str, str | None]
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The action of one decision, and what it was chosen by."""

    action: str
    actions: tuple[ActionVerdict, ...]
    policy_id: str
    basis: Basis
    arm: Arm
    explored: bool
    exploration: Exploration | None
    hinted: bool


def select(at: Situation, learned: Learned) -> Selection:
    """The arm's choice among the allowed actions, or for a share of decisions a draw among plausible ones.

    `ucb`: the greatest live value and bonus; a snapshot: its greatest value; ties to the earlier name, near ones to
    the hint. `rules`: the rule engine, which also decides while the state has fewer real visits than the floor (P5).
    The rule engine's own arm explores nothing, and where one action alone is allowed there is nothing to explore.
    """
    parameters, refusals = learned.parameters, at.refusals
    arm = arm_of(at.lead.lead_id, parameters)
    basis = basis_of(arm.policy_id, learned)
    known = basis.values.rows.get(named(at.lead.status, at.bucket), {})
    rows = {name: known.get(name, UNKNOWN) for name in ACTIONS}
    bonuses = _bonuses(rows, basis.ucb_c)
    open_actions = [name for name, why in refusals.items() if why is None]
    policy, greedy, hinted = _greedy(
        at, arm, rows, {name: bonuses[name] for name in open_actions}, parameters
    )
    explores = arm.policy_id != RULES and len(open_actions) > 1 and parameters.exploration.rate > 0.0
    how = parameters.exploration if explores else NO_EXPLORATION
    draw = drawn(greedy, open_actions, rows, how, at.decision_id)
    verdicts = (
        _verdict(name, refusals[name], row, bonuses[name], draw.probabilities.get(name, 0.0))
        for name, row in rows.items()
    )
    exploration = how if explores else None
    return Selection(draw.action, tuple(verdicts), policy, basis, arm, draw.explored, exploration, hinted)


def _greedy(
    at: Situation, arm: Arm, rows: Mapping[str, Row], bonuses: Mapping[str, float], parameters: Parameters
) -> tuple[str, str, bool]:
    """The policy that decides, its action, and whether the hint settled it; `bonuses` are those of open actions."""
    known = sum(row.visits for row in rows.values())
    if arm.policy_id == RULES or known < parameters.floor_visits:
        return RULES, ruled(at.lead.status, at.bucket, at.refusals, parameters.rules), False
    scores = {name: rows[name].q + bonus for name, bonus in bonuses.items()}
    best = max(scores, key=scores.__getitem__)
    chosen = settled(best, at.hint, scores)
    return arm.policy_id, chosen, chosen != best


def basis_of(policy_id: str, learned: Learned) -> Basis:
    """What an arm's policy decides from; raises UnknownPolicy."""
    if policy_id in (UCB, RULES):
        return Basis(learned.values, learned.parameters.ucb_c)
    version = learned.parameters.champion if policy_id == CHAMPION else _version(policy_id)
    if version is None or version not in learned.snapshots:
        raise UnknownPolicy(f"{policy_id} names no snapshot; `academy policy list` shows those there are")
    return Basis(learned.snapshots[version], 0.0, version)


def _version(policy_id: str) -> int | None:
    digits = policy_id.removeprefix(CANDIDATE)
    return int(digits) if policy_id.startswith(CANDIDATE) and digits.isdecimal() else None


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
