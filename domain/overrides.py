"""Compliance before any learning: what no value, arm, setting or hint can change (A5)."""

from domain.actions import STOP, WAIT
from domain.states import Lead
from domain.vocabulary import Consent, Status


def override(lead: Lead) -> tuple[str, str] | None:
    """The action that is forced and the rule that forces it, or None where learning may choose."""
    if lead.consent is Consent.OPTED_OUT:
        return STOP, "opted_out"
    if lead.status is Status.DECLINED:
        return STOP, "declined"
    if lead.consent is Consent.HELD:
        return WAIT, "held"
    return None
