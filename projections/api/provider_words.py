"""A context pack as flat words: the variables of a voice provider's prompt, every one of them a text."""

from collections.abc import Iterable

from domain.briefs import SIGNALS
from projections.api.academy import Academy
from projections.api.context_views import ContextPack, MinimalPack, Pack
from projections.api.decision import BriefView

UNSAID = frozenset(name for name, phrase in SIGNALS.items() if phrase.topic == "missed_payment")
"""Signals whose directive is for staff alone: what a provider is given, it may say aloud (F2)."""


def variables(pack: Pack, academy: Academy) -> dict[str, str]:
    """Every variable is there; what is not known is an empty text, so that no placeholder is ever left."""
    known = pack if isinstance(pack, ContextPack) else None
    return {
        "lead_id": pack.lead_id,
        "lead_name": pack.lead_name or "",
        "phone": pack.phone or "",
        "academy_name": academy.name or "",
        "staff_name": academy.staff or "",
        "current_status": pack.current_status or "",
        "warnings": joined(warning.text for warning in pack.warnings),
        **(_of_household(known) if known else dict.fromkeys(_HOUSEHOLD, "")),
        **(_of_talks(known) if known else dict.fromkeys(_TALKS, "")),
        **(_of_decision(known) if known else dict.fromkeys(_DECISION, "")),
        "opening_context": _opening(pack),
    }


_HOUSEHOLD = ("child_info", "campaign_goal", "time_zone", "local_time", "latest_summary")
_TALKS = (
    "facts",
    "open_questions",
    "objections",
    "financial_concern",
    "scheduling_constraints",
    "preferred_times",
    "decision_makers",
    "siblings",
    "additional_signals",
)
_DECISION = ("action", "tone", "timing", "talking_points", "info_to_prepare", "things_to_avoid")


def talking_points(brief: BriefView) -> list[str]:
    """What may be spoken of, whatever the action: never a payment that was missed (F2)."""
    return [said.text for said in brief.directives if said.text and said.signal not in UNSAID]


def joined(texts: Iterable[str | None]) -> str:
    """One line of several; what was erased is left out."""
    return "; ".join(text for text in texts if text)


def _of_household(pack: ContextPack) -> dict[str, str]:
    local = pack.compliance.local_time
    return {
        "child_info": pack.child_info or "",
        "campaign_goal": pack.campaign_goal or "",
        "time_zone": pack.time_zone or "",
        "local_time": local.isoformat(timespec="minutes") if local else "",
        "latest_summary": pack.latest_summary or "",
    }


def _of_talks(pack: ContextPack) -> dict[str, str]:
    scheduling, family = pack.scheduling_constraints, pack.family_context
    return {
        "facts": joined(fact.text for fact in pack.facts),
        "open_questions": joined(pack.open_questions),
        "objections": joined(each.detail or each.topic for each in pack.objections if not each.addressed),
        "financial_concern": pack.financial_signals.concern_level,
        "scheduling_constraints": joined(scheduling.constraints),
        "preferred_times": joined(scheduling.preferred_times),
        "decision_makers": joined(family.decision_makers),
        "siblings": joined(family.siblings),
        "additional_signals": joined(each.detail or each.signal for each in pack.additional_signals),
    }


def _of_decision(pack: ContextPack) -> dict[str, str]:
    current = pack.current_nba
    if current is None:
        return dict.fromkeys(_DECISION, "")
    brief = current.brief
    return {
        "action": current.action or "",
        "tone": brief.tone,
        "timing": brief.timing or "",
        "talking_points": joined(talking_points(brief)),
        "info_to_prepare": joined(brief.prepare),
        "things_to_avoid": joined(brief.avoid),
    }


def _opening(pack: Pack) -> str:
    """Who they are and where we left off, in a few sentences."""
    if isinstance(pack, MinimalPack):
        return f"{pack.lead_name or 'The family'}. Nothing more can be read now."
    said = (
        joined((pack.lead_name, pack.child_info)) or "Names were erased or never told",
        f"Status: {pack.current_status.replace('_', ' ')}" if pack.current_status else None,
        f"Goal: {pack.campaign_goal}" if pack.campaign_goal else None,
        f"Last conversation: {pack.latest_summary}" if pack.latest_summary else None,
    )
    return " ".join(f"{sentence.rstrip('.')}." for sentence in said if sentence)
