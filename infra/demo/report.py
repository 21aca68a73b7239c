"""What a story led to: where each family is and why, what was learned, and a digest to compare runs by."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.policies import RULES
from domain.q_learning import Values
from domain.records import Decision
from domain.seeds import seeds
from domain.states import Lead
from infra.demo import rules
from infra.demo.feed import Account, Stage
from infra.demo.story import Family

EVEN = 0.5
"""A draw that falls on an action more likely than that only confirms what was best."""
MOST = 10
"""Learned values that are shown: those that moved farthest from their seed."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """One value that outcomes have changed."""

    state: str
    action: str
    seed: float
    now: float
    visits: int


def facts(stage: Stage, told: Sequence[Family], until: datetime) -> dict[str, Any]:
    """Everything that is told at the end, as JSON has it."""
    account = stage.account
    ends = {family.lead_id: family.ends for family in told}
    return {
        "until": until.isoformat(),
        "families": [_family(account.leads[lead], account, ends[lead]) for lead in ends],
        "learned": [msgspec.to_builtins(one) for one in most_changed(stage.values)],
        "rules": rules.seen(account),
        "transitions": rules.kinds(account),
        "answers": rules.answers(account),
        "reviews": {kind.value: count for kind, count in sorted(account.reviews.items())},
        "digest": digest(account.decisions),
    }


def digest(decisions: Sequence[Decision]) -> str:
    """SHA-256 over every answer as canonical JSON, in the order of (lead, sequence)."""
    ordered = sorted(decisions, key=lambda one: (one.lead_id, one.sequence))
    text = json.dumps(msgspec.to_builtins(ordered), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def most_changed(values: Values) -> list[Learnt]:
    """The pairs that moved farthest from their seed, an unseeded one from 0; the farthest first."""
    known = {(seed.state, seed.action): seed.q for seed in seeds(1)}
    found = [
        Learnt(state, action, known.get((state, action), 0.0), row.q, row.visits)
        for state, action, row in values
        if row.visits or row.reward_sum
    ]
    return sorted(found, key=lambda one: (-abs(one.now - one.seed), one.state, one.action))[:MOST]


def why(decision: Decision) -> str:
    """What forced the action, drew it or ruled it; else the terms of its score and the runner-up."""
    if decision.override:
        return f"rule: {decision.override}"
    chosen = next(action for action in decision.actions if action.action == decision.action)
    if decision.explored and chosen.probability < EVEN:
        return f"drawn among plausible actions, chance {chosen.probability:.3f}"
    if decision.policy_id == RULES:
        return f"the rules; visits to the state: {sum(action.visits for action in decision.actions)}"
    others = [
        (one.score, one.action) for one in decision.actions if one.score is not None and one is not chosen
    ]
    said = f"{chosen.source} {chosen.q:.2f} + bonus {chosen.bonus:.2f}"
    if not others:
        return f"{said}, alone allowed"
    score, name = max(others, key=lambda one: one[0])
    return f"{said}, before {name} {score:.2f}"


def _family(lead: Lead, account: Account, ends: dict[str, str]) -> dict[str, Any]:
    decision = account.made(lead.lead_id)[-1]
    found = {
        "lead": lead.lead_id,
        "status": lead.status.value,
        "consent": lead.consent.value,
        "state": decision.state,
        "action": decision.action,
        "when": decision.contact.local_time if decision.contact else None,
        "why": why(decision),
    }
    return {**found, "as_told": all(found[name] == wanted for name, wanted in ends.items())}
