"""When an action makes sense (A2, A3): named rules, each with the sentence for a person when it does not hold."""

from collections.abc import Callable
from datetime import datetime

from domain.buckets import WORRIED
from domain.moves import FUNNEL
from domain.parameters import Parameters
from domain.states import Lead
from domain.vocabulary import Intent, Level, SignalClass, Status

REJECTED = "rejected"
"""Refusal of an action that an operator rejected for this lead a short time ago (R3)."""

MEMBERS = (Status.ACTIVE, Status.AT_RISK, Status.INACTIVE)


def refusal(mask: tuple[str, ...], lead: Lead, now: datetime, parameters: Parameters) -> str | None:
    """The name of the first rule that does not hold, or None."""
    return next((name for name in mask if not RULES[name][0](lead, now, parameters)), None)


def _financial(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    said = lead.context
    paying = any(signal.signal_class is SignalClass.PAYMENT for signal in said.signals)
    raised = said.concern is not None and said.concern.level in (Level.LOW, *WORRIED)
    return raised or paying


def _family(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    return lead.context.deciders is not None or lead.context.siblings is not None


def _information(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    stance = lead.context.stance
    asked = lead.context.questions is not None or (
        stance is not None and stance.intent is Intent.REQUESTING_INFO
    )
    return asked or lead.status in FUNNEL[:3]


_Holds = Callable[[Lead, datetime, Parameters], bool]
RULES: dict[str, tuple[_Holds, str]] = {
    "enrolled": (
        lambda lead, _n, _p: lead.status is Status.ENROLLED,
        "only for a family that has just enrolled",
    ),
    "member": (lambda lead, _n, _p: lead.status in MEMBERS, "only for active, at-risk and inactive families"),
    "before_enrolment": (lambda lead, _n, _p: lead.status in FUNNEL[:4], "only before enrolment"),
    "family_signals": (_family, "no sibling and no other decision-maker is known"),
    "financial_signals": (_financial, "no sign that cost matters"),
    "open_objection": (lambda lead, _n, _p: bool(lead.context.objections), "no objection is open"),
    "wants_information": (_information, "nothing was asked, and it is past the time for details"),
    "failed_twice": (
        lambda lead, _n, _p: lead.attempt is not None and lead.attempt.failed_in_row >= 2,
        "no channel has failed twice in a row",
    ),
    "enough_interactions": (
        lambda lead, _n, p: lead.interactions >= p.stop_after_interactions,
        "too early to give up",
    ),
}


def sentence(reason: str) -> str:
    """Why an action is not allowed, for a person: of a mask's rule, or of an override."""
    if reason == REJECTED:
        return "an operator rejected it for this family in the last days"
    known = RULES.get(reason)
    return known[1] if known else reason.replace(":", " by the rule ")
