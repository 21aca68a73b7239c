"""What numbers and names the parameters may hold: a new version is checked before it is in force."""

import math
from collections.abc import Iterator

from domain.parameters import Experiment, Exploration, Parameters
from domain.policies import CANDIDATE, CHAMPION, RULES, UCB

COUNTS = (
    *("contacts_per_day", "contacts_per_week", "max_attempts", "missed_sessions", "decision_hours"),
    *("wait_days", "reply_days"),
)
"""At least one of each."""

SPANS = (
    *("cooldown_hours", "answer_hours", "unanswered_hours", "win_back_days", "novel_days", "decay_days"),
    *("rejection_days", "stop_after_interactions", "floor_visits", "ucb_c"),
)
"""None may be below zero."""


def wrong(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """Every field that may not stand so: its path, and a sentence that says what it must be."""
    for name in COUNTS:
        if getattr(parameters, name) < 1:
            yield name, "must be 1 or more"
    for name in SPANS:
        value = getattr(parameters, name)
        if value < 0 or not math.isfinite(value):
            yield name, "must be 0 or more"
    if not 0 <= parameters.contact_from_hour < parameters.contact_until_hour <= 24:
        yield "contact_from_hour", "must be before contact_until_hour, both from 0 to 24"
    if parameters.enrolment_from not in ("records", "stated"):
        yield "enrolment_from", "must be records or stated"
    yield from _exploration(parameters.exploration)
    if parameters.experiment is not None:
        yield from _experiment(parameters.experiment)


def _exploration(how: Exploration) -> Iterator[tuple[str, str]]:
    for name in ("rate", "unseeded"):
        if not 0 <= getattr(how, name) <= 1:
            yield f"exploration.{name}", "must be a share, 0 to 1"
    if not 0 <= how.width < math.inf:
        yield "exploration.width", "must be 0 or more"


def _experiment(experiment: Experiment) -> Iterator[tuple[str, str]]:
    if not (experiment.id and experiment.salt):
        yield "experiment.id", "must have a name, and so must the salt"
    if not experiment.arms or any(not 0 < arm.weight < math.inf for arm in experiment.arms):
        yield "experiment.arms", "must be one or more, each with a weight above 0"
    for arm in experiment.arms:
        if arm.policy_id not in (UCB, RULES, CHAMPION) and not arm.policy_id.startswith(CANDIDATE):
            yield "experiment.arms", f"must each be {UCB}, {RULES}, {CHAMPION} or {CANDIDATE}<version>"
