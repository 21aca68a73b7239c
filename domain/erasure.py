"""A household that is forgotten: nothing is kept of it, and nothing is decided for it again (A5)."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from domain.acts_enriched import ErasureEnriched
from domain.context import HOUSEHOLD
from domain.effects import Effect, Noted
from domain.parameters import Parameters
from domain.states import Lead
from domain.subjects import guardian
from domain.transitions import Cause
from domain.vocabulary import Verdict

FORGOTTEN = "household_erased"
"""Reason of every answer to what is heard of an erased household."""


class Heard(Protocol):
    """Any event about a household."""

    @property
    def cause_event_id(self) -> str:
        """The event on `interactions`."""

    @property
    def root_offset(self) -> int:
        """Its place."""


def on_erasure(lead: Lead | None, event: ErasureEnriched, now: datetime, _parameters: Parameters) -> Effect:
    """A whole household: its state goes, its decision ends and teaches nothing; of one person, the consent goes."""
    before = lead or Lead(event.lead_id)
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    if event.subject is None:
        gone = Lead(event.lead_id, sequence=before.sequence, erased=True)
        return Noted(gone, cause, Verdict.ERASED, FORGOTTEN)
    theirs = {who for who in before.consents if guardian(who) == event.subject}
    consents = {who: consent for who, consent in before.consents.items() if who not in theirs}
    refused = {who: at for who, at in before.refused_at.items() if guardian(who) != event.subject}
    after = replace(before, consents=consents, refused_at=refused)
    if theirs and after.consent is not before.consent:  # a refusal outlives who made it
        after = replace(after, consents={**consents, HOUSEHOLD: before.consent})
    return Noted(after, cause, Verdict.ERASED, "person_erased")


def after_erasure(lead: Lead, event: Heard, now: datetime, _parameters: Parameters) -> Effect:
    """What is heard of an erased household is answered so, and changes nothing."""
    cause = Cause(event.cause_event_id, event.root_offset, now, now)
    return Noted(lead, cause, Verdict.ERASED, FORGOTTEN)
