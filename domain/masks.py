"""When an action makes sense (A2, A3): named rules, each with the sentence for a person when it does not hold."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.buckets import WORRIED, bucket
from domain.moves import FUNNEL
from domain.parameters import Parameters
from domain.states import Lead
from domain.vocabulary import Bucket, Intent, Level, SignalClass, Status

REJECTED = "rejected"
"""Refusal of an action that an operator rejected for this lead a short time ago (R3)."""

ATTEMPTS = "too_many_attempts"
"""Refusal of whatever would try once more to reach a family that has answered nothing (A4)."""

MEMBERS = (Status.ACTIVE, Status.AT_RISK, Status.INACTIVE)
LEAVING = (Status.AT_RISK, Status.INACTIVE)


def refusal(mask: tuple[str, ...], lead: Lead, now: datetime, parameters: Parameters) -> str | None:
    """The name of the first rule that does not hold, or None."""
    for name in mask:
        if not RULES[name][0](lead, now, parameters):
            return name
    return None


def _financial(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    said = lead.context
    paying = any(signal.signal_class is SignalClass.PAYMENT for signal in said.signals)
    raised = said.concern is not None and said.concern.level in (Level.LOW, *WORRIED)
    return raised or paying or _owing(lead)


def _family(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    return lead.context.deciders is not None or lead.context.siblings is not None


def _information(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    stance = lead.context.stance
    asked = lead.context.questions is not None or (
        stance is not None and stance.intent is Intent.REQUESTING_INFO
    )
    return asked or lead.status in FUNNEL[:3]


def _owing(lead: Lead) -> bool:
    return lead.membership is not None and lead.membership.owed is not None


def _missed(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    return lead.membership is not None and lead.membership.missed is not None


def _long_gone(lead: Lead, now: datetime, parameters: Parameters) -> bool:
    if lead.status is not Status.INACTIVE or lead.since is None:
        return False
    return now - lead.since >= timedelta(days=parameters.win_back_days)


def exhausted(lead: Lead, now: datetime, parameters: Parameters) -> bool:
    """Whether as many attempts in a row went unanswered as the academy allows (A4)."""
    return sum(at <= now for at in lead.unanswered) >= parameters.max_attempts


_Holds = Callable[[Lead, datetime, Parameters], bool]
RULES: dict[str, tuple[_Holds, str]] = {
    "enrolled": (
        lambda lead, _n, _p: lead.status is Status.ENROLLED,
        "only for a family that has just enrolled",
    ),
    "member": (lambda lead, _n, _p: lead.status in MEMBERS, "only for active, at-risk and inactive families"),
    "leaving": (lambda lead, _n, _p: lead.status in LEAVING, "only for at-risk and inactive families"),
    "leaving_or_considering": (
        lambda lead, now, p: lead.status in LEAVING or bucket(lead, now, p) is Bucket.CONSIDERING,
        "only for families who may leave, or who are undecided",
    ),
    "uncommitted": (
        lambda lead, _n, _p: lead.status in (Status.CONTACTED, Status.INTERESTED, Status.INACTIVE),
        "only for contacted, interested and inactive families",
    ),
    "missed_session": (_missed, "no session was missed since the last one they came to"),
    "long_gone": (_long_gone, "only for families inactive for a month"),
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
    if reason == ATTEMPTS:
        return "too many attempts went unanswered: only wait, another channel or an end are left"
    known = RULES.get(reason)
    return known[1] if known else reason.replace(":", " by the rule ")
