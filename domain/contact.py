"""When a family may be contacted: limits and quiet hours move the moment, never the action (C1, C2)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.parameters import Parameters
from domain.records import Contact
from domain.states import Lead

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_CLOSED_HOURS = 72  # more than any window stays closed, though a change of the clock skips it once


def schedule(
    lead: Lead, preferred: datetime, now: datetime, parameters: Parameters
) -> tuple[datetime, Contact]:
    """The first allowed moment at or after `preferred`, in UTC, and the reasons that moved it.

    An answer soon after an inbound is exempt from caps and cooldown, never from quiet hours (C2).
    """
    moment, reasons = preferred, []
    answering = lead.inbound_at is not None and now - lead.inbound_at <= timedelta(
        hours=parameters.answer_hours
    )
    if not answering:
        for reason, earliest in _limits(lead, parameters):
            if earliest > moment:
                moment = earliest
                reasons.append(reason)
    zone = ZoneInfo(lead.time_zone or "UTC")
    if (opened := _opening(moment, zone, parameters)) > moment:
        moment = opened
        reasons.append("quiet_hours")
    return moment, Contact(
        consent=lead.consent,
        time_zone=zone.key,
        preferred_at=preferred,
        local_time=moment.astimezone(zone).isoformat(timespec="minutes"),
        reasons=tuple(reasons),
        contacts_day=sum(1 for at in lead.outbound_at if now - _DAY < at <= now),
        contacts_week=sum(1 for at in lead.outbound_at if now - _WEEK < at <= now),
    )


def _limits(lead: Lead, parameters: Parameters) -> list[tuple[str, datetime]]:
    """For each limit the first moment that keeps it, given the contacts so far (oldest first)."""
    past = lead.outbound_at
    limits = []
    if past:
        limits.append(("cooldown", past[-1] + timedelta(hours=parameters.cooldown_hours)))
    for reason, most, window in (
        ("day_cap", parameters.contacts_per_day, _DAY),
        ("week_cap", parameters.contacts_per_week, _WEEK),
    ):
        if len(past) >= most:
            limits.append((reason, past[-most] + window))
    return limits


def _opening(moment: datetime, zone: ZoneInfo, parameters: Parameters) -> datetime:
    """`moment` itself inside the contact window, else the next opening: hour by hour, as the family's clock goes.

    A change of the clock may skip a whole window, or come back to one that had closed.
    """
    for _hour in range(_CLOSED_HOURS):
        local = moment.astimezone(zone)
        if parameters.contact_from_hour <= local.hour < parameters.contact_until_hour:
            break
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        moment += _HOUR - past
    return moment
