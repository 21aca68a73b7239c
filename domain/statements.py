"""What the academy's records and its operators state: enrolments, consents and statuses (S1, S3, S5)."""

from dataclasses import replace
from datetime import datetime

from domain.acts_enriched import ConsentEnriched, EnrolmentEnriched, StatusEnriched
from domain.answers import moved, reopened
from domain.context import HOUSEHOLD, strictest
from domain.effects import Effect, Noted, Reopened
from domain.moves import FUNNEL, path
from domain.moves import Cause as Move
from domain.overrides import override
from domain.parameters import Parameters
from domain.reviews import reviewed, settled
from domain.states import Lead
from domain.transitions import Cause, Passage, correcting, unrefusing
from domain.vocabulary import Consent, Status, Told, Verdict

CORRECTED = "corrected"
"""Reason of a decision after something that was misread."""


def cause_of(event: ConsentEnriched | EnrolmentEnriched | StatusEnriched, now: datetime) -> Cause:
    """The statement as the cause of what follows."""
    return Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)


def on_enrolment(
    lead: Lead | None, event: EnrolmentEnriched, now: datetime, parameters: Parameters
) -> Effect:
    """A child is enrolled: every hop of the funnel up to it; a household that is past it stays (S3, D5)."""
    before = lead or Lead(event.lead_id)
    cause = cause_of(event, now)
    passed = path(before.status, (Move.ENROLMENT,))
    if len(passed) == 1:
        return Noted(before, cause, Verdict.NONE, "status_unmoved")
    after = moved(before, passed[-1], now, parameters)
    return reopened(Passage(before, after, cause, parameters), passed)


def on_status(lead: Lead | None, event: StatusEnriched, now: datetime, parameters: Parameters) -> Effect:
    """An operator's word: what happened elsewhere is folded like any cause, a misreading is undone (S5)."""
    before = lead or Lead(event.lead_id)
    cause = cause_of(event, now)
    after = replace(moved(before, event.status, now, parameters), reviews=settled(before))
    if before.status is event.status:
        return Noted(after, cause, Verdict.ALREADY, "status_as_stated")
    passage = Passage(before, after, cause, parameters)
    if event.kind is Told.CORRECTION:
        return Reopened(passage, correcting(passage), CORRECTED)
    return reopened(passage, _hops(before.status, event.status))


def on_consent(lead: Lead | None, event: ConsentEnriched, now: datetime, parameters: Parameters) -> Effect:
    """A consent, given, refused, or a refusal that was misread (S1); one older than a refusal lifts nothing."""
    before = lead or Lead(event.lead_id)
    cause = cause_of(event, now)
    if _is_older(before, event):
        return Noted(before, cause, Verdict.SUPERSEDED, "refused_since")
    after = _with_consent(before, event)
    if after.consents == before.consents:
        return Noted(before, cause, Verdict.ALREADY, "consent_as_stated")
    after = reviewed(before, after, cause)
    if override(before) == override(after):
        return Noted(after, cause, Verdict.APPLIED, "consent_recorded")
    passage = Passage(before, after, cause, parameters)
    if event.false_detection:
        return Reopened(passage, unrefusing(passage), CORRECTED)
    return reopened(passage, (before.status,))


def _hops(here: Status, there: Status) -> tuple[Status, ...]:
    """Along the funnel every step, elsewhere one (S4)."""
    if here in FUNNEL and there in FUNNEL and FUNNEL.index(here) < FUNNEL.index(there):
        return FUNNEL[FUNNEL.index(here) : FUNNEL.index(there) + 1]
    return here, there


def _whose(lead: Lead, event: ConsentEnriched) -> tuple[str, ...]:
    """The persons whose consent it is: one guardian, or everybody known and the household itself."""
    return (event.guardian_id,) if event.guardian_id else tuple({*lead.consents, HOUSEHOLD})


def _is_older(lead: Lead, event: ConsentEnriched) -> bool:
    if event.consent is not Consent.CONTACTABLE or event.false_detection:
        return False
    refusals = (lead.refused_at.get(who) for who in _whose(lead, event))
    return any(at is not None and event.occurred_at < at for at in refusals)


def _with_consent(lead: Lead, event: ConsentEnriched) -> Lead:
    if event.consent is Consent.CONTACTABLE:
        whose = _whose(lead, event)
        lifted = {who: event.consent for who in whose if event.guardian_id or who in lead.consents}
        return replace(lead, consents={**lead.consents, **lifted})
    who = event.guardian_id or HOUSEHOLD
    asked = strictest(lead.consents.get(who, event.consent), event.consent)
    at = max(event.occurred_at, lead.refused_at.get(who, event.occurred_at))
    return replace(lead, consents={**lead.consents, who: asked}, refused_at={**lead.refused_at, who: at})
