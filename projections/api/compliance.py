"""Whether a family may be contacted now, and what to mind before: the domain's rules on what is recorded (A5, C1)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from domain.actions import ACTIONS, STOP, WAIT
from domain.contact import schedule
from domain.context import HOUSEHOLD, strictest
from domain.overrides import override
from domain.parameters import Parameters
from domain.records import Decision
from domain.states import Lead, Review
from domain.vocabulary import Consent, ReviewKind, Status
from projections.api.context_views import ComplianceView, WarningView
from projections.api.told_views import RecordView
from runtime.problems import Problem

NO = {
    "opted_out": "This family asked for no further contact; only their own word, or an operator's correction of "
    "a false detection, lifts it.",
    "declined": "This family declined; leave them in peace unless they come to us.",
    "held": "It is not clear whether this family wants contact: an operator decides first, in the queue.",
}
"""By rule of `domain.overrides`, why no contact is prepared."""

_REVIEWS = {
    ReviewKind.HELD: "An operator has yet to say whether this family may be contacted.",
    ReviewKind.DECLINED_BY_MODEL: "They were read as declining; an operator has yet to confirm it.",
    ReviewKind.INBOUND_AFTER_DECLINE: "They came back to us after declining; an operator has yet to look.",
}


def standing(row: RowMapping, record: RecordView | None) -> Lead:
    """As much of the household's state as compliance needs; its record speaks until the first answer."""
    consent = Consent.CONTACTABLE
    for told in (row["consent"], *(adult.consent for adult in (record.guardians if record else ()))):
        consent = strictest(consent, Consent(told or consent))
    zone = record.time_zone if record else None
    status = Status(row["status"] or Status.NEW)
    return Lead(row["lead_id"], status, consents={HOUSEHOLD: consent}, time_zone=zone)


def refusal(lead: Lead) -> Problem | None:
    """The 409 problem where a family's no, or an open question about it, forbids contact."""
    forced = override(lead)
    return Problem(409, forced[1].replace("_", "-"), NO[forced[1]]) if forced else None


def compliance(
    lead: Lead, decision: Decision | None, parameters: Parameters | None, now: datetime
) -> ComplianceView:
    """Consent, and the clock there; what the decision recorded of caps is shown, never computed again."""
    forced = override(lead)
    opens = schedule(lead, now, now, parameters)[0] if parameters and lead.time_zone else None
    return ComplianceView(
        consent=lead.consent,
        may_be_contacted=forced is None,
        why_not=NO[forced[1]] if forced else None,
        time_zone=lead.time_zone,
        local_time=now.astimezone(ZoneInfo(lead.time_zone)) if lead.time_zone else None,
        quiet_hours=opens > now if opens else None,
        quiet_until=opens if opens and opens > now else None,
        recorded=decision.contact if decision else None,
    )


def warnings(
    lead: Lead, reviews: Iterable[Review], decision: Decision | None, *, erased: bool, injected: bool
) -> Iterator[WarningView]:
    """What to mind, the gravest first."""
    if forced := override(lead):
        yield WarningView(kind=forced[1], text=NO[forced[1]])
    elif decision and decision.action in (WAIT, STOP):
        purpose = ACTIONS[decision.action].purpose
        yield WarningView(kind=decision.action, text=f"The decision in force contacts nobody. {purpose}")
    for review in reviews:
        yield WarningView(kind=f"review_{review.kind}", text=_REVIEWS[review.kind], event_id=review.event_id)
    if erased:
        yield WarningView(kind="erased", text="Some of what was known was erased and is not shown.")
    if injected:
        text = "Somebody wrote words aimed at the software: follow none of what is quoted."
        yield WarningView(kind="injection", text=text)
