"""C1, C2: in any zone, around any change of its clock, under any settings, the moment is the first allowed one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from domain.contact import schedule
from domain.parameters import Parameters
from domain.states import Lead
from tests import given
from tests.unit.domain.properties.stories import Story, stories
from tests.unit.domain.properties.telling import decisions

FROM, DAY, HOUR, MINUTE = (
    datetime(2026, 1, 1, tzinfo=UTC),
    timedelta(1),
    timedelta(hours=1),
    timedelta(minutes=1),
)
CURIOUS = (
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Apia",
)
"""Clocks that change by two hours, by half an hour, or at midnight; and one 13 hours ahead."""

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """When the clock of a zone changes within two years, to the minute."""
    clock = ZoneInfo(zone)
    hours = [FROM + HOUR * number for number in range(0, 24 * 731, 24)]
    found = []
    for start in hours:
        before = start.astimezone(clock).utcoffset()
        if before != (start + DAY).astimezone(clock).utcoffset():
            minutes = (start + MINUTE * number for number in range(1, 24 * 60 + 1))
            found.append(next(at for at in minutes if at.astimezone(clock).utcoffset() != before))
    return tuple(found)


def instants(zone: str) -> st.SearchStrategy[datetime]:
    """Around a change of the zone's clock where there is one, and anywhere."""
    near = [at + MINUTE * one for at in changes(zone) for one in range(-12 * 60, 3 * 60, 7)]
    anywhere = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: FROM + minutes * MINUTE)
    return st.one_of(st.sampled_from(near), anywhere) if near else anywhere


places = st.sampled_from([*CURIOUS, *ZONES]).flatmap(lambda zone: st.tuples(st.just(zone), instants(zone)))
WINDOWS = [(start, end) for start in range(24) for end in range(start + 1, 25)]
windows = st.sampled_from([*[(8, 21), (2, 3), (1, 2), (0, 1), (0, 2), (23, 24)] * 60, *WINDOWS])
limits = st.fixed_dictionaries(
    {
        "contacts_per_day": st.integers(1, 3),
        "contacts_per_week": st.integers(1, 7),
        "cooldown_hours": st.sampled_from([0, 1, 24, 72]),
        "answer_hours": st.sampled_from([0, 2, 24]),
    }
)
past: st.SearchStrategy[list[int]] = st.one_of(
    st.just([]), st.lists(st.integers(-5, 8 * 24 * 60), max_size=8)
)
"""Minutes since each contact; a clock upstream may be 5 minutes ahead."""


def is_open(at: datetime, zone: str, window: Parameters) -> bool:
    return window.contact_from_hour <= at.astimezone(ZoneInfo(zone)).hour < window.contact_until_hour


def is_kept(at: datetime, contacts: tuple[datetime, ...], limit: Parameters) -> bool:
    """Whether one more contact then keeps cooldown and caps, counted anew."""
    rested = all(at - one >= timedelta(hours=limit.cooldown_hours) for one in contacts)
    day = sum(at - one < DAY for one in contacts) < limit.contacts_per_day
    week = sum(at - one < 7 * DAY for one in contacts) < limit.contacts_per_week
    return rested and day and week


def allowed(lead: Lead, wanted: datetime, now: datetime, parameters: Parameters) -> Iterator[datetime]:
    """Every allowed moment from the wanted one on, by trying each minute."""
    hours_since = None if lead.inbound_at is None else (now - lead.inbound_at) / HOUR
    answering = hours_since is not None and hours_since <= parameters.answer_hours
    zone = lead.time_zone or "UTC"
    for at in (wanted + MINUTE * number for number in range(12 * 24 * 60)):
        if is_open(at, zone, parameters) and (answering or is_kept(at, lead.outbound_at, parameters)):
            yield at


def household(
    zone: str, now: datetime, minutes: list[int], answered: int | None, changed: dict[str, Any]
) -> tuple[Lead, Parameters]:
    contacts = tuple(sorted(now - MINUTE * one for one in minutes))
    inbound = None if answered is None else now - MINUTE * answered
    lead = Lead("fam-1", time_zone=zone, outbound_at=contacts, inbound_at=inbound)
    return lead, replace(given.PARAMETERS, **changed)


@settings(max_examples=300)
@such_that(places, windows, limits, past, st.sampled_from([None, 0, 60, 1440, 1441]), st.integers(0, 48))
def test_c1_c2_no_moment_is_in_a_closed_window_or_breaks_a_limit(
    place: tuple[str, datetime],
    window: tuple[int, int],
    limit: dict[str, Any],
    minutes: list[int],
    answered: int | None,
    after: int,
) -> None:
    zone, now = place
    between = {"contact_from_hour": window[0], "contact_until_hour": window[1]}
    lead, parameters = household(zone, now, minutes, answered, {**limit, **between})
    wanted = now + HOUR * after

    moment, contact = schedule(lead, wanted, now, parameters)

    assert moment >= wanted
    assert is_open(moment, zone, parameters)
    assert bool(contact.reasons) == (moment > wanted)
    assert contact.local_time == moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
    exempt = answered is not None and answered <= parameters.answer_hours * 60
    assert exempt or is_kept(moment, lead.outbound_at, parameters)


@settings(max_examples=150)
@such_that(places, windows, limits, past, st.sampled_from([None, 60]), st.integers(0, 8))
def test_c2_the_moment_is_the_first_that_trying_each_minute_finds(
    place: tuple[str, datetime],
    window: tuple[int, int],
    limit: dict[str, Any],
    minutes: list[int],
    answered: int | None,
    after: int,
) -> None:
    zone, now = place
    between = {"contact_from_hour": window[0], "contact_until_hour": window[1]}
    lead, parameters = household(zone, now, minutes, answered, {**limit, **between})
    wanted = now + HOUR * after

    moment, _contact = schedule(lead, wanted, now, parameters)

    assert moment == next(allowed(lead, wanted, now, parameters))


@settings(max_examples=25)
@such_that(stories())
def test_c2_whatever_was_told_a_decisions_moment_is_open_and_keeps_the_limits(story: Story) -> None:
    parameters = story.learned.parameters
    for each in decisions(story):
        decision, lead = each.decision, each.after
        if decision.scheduled_for is None or decision.contact is None:
            continue
        assert decision.scheduled_for >= decision.contact.preferred_at >= decision.decided_at
        assert is_open(decision.scheduled_for, lead.time_zone or "UTC", parameters)
        since = None if lead.inbound_at is None else decision.decided_at - lead.inbound_at
        exempt = since is not None and since <= HOUR * parameters.answer_hours
        assert exempt or is_kept(decision.scheduled_for, lead.outbound_at, parameters)


def offset(zone: str, at: datetime) -> timedelta:
    found = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found


def test_c1_the_zones_tried_have_clocks_that_change_in_every_curious_way() -> None:
    jumps = {abs(offset(zone, at) - offset(zone, at - MINUTE)) for zone in CURIOUS for at in changes(zone)}

    assert jumps >= {timedelta(minutes=30), HOUR, 2 * HOUR}
    assert len(ZONES) > 300


def scheduled(zone: str, wanted: datetime, window: tuple[int, int]) -> str:
    lead = Lead("fam-1", time_zone=zone)
    hours: dict[str, Any] = {"contact_from_hour": window[0], "contact_until_hour": window[1]}
    _moment, contact = schedule(lead, wanted, wanted, replace(given.PARAMETERS, **hours))
    return contact.local_time


def test_c2_a_window_that_the_clock_skips_opens_on_the_next_day() -> None:
    """In Chicago no clock shows two o'clock on the 8th of March 2026."""
    before = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)

    assert scheduled("America/Chicago", before, (2, 3)) == "2026-03-09T02:00-05:00"


def test_c2_a_window_that_the_clock_comes_back_to_opens_once_more() -> None:
    """At Troll the clock goes from three back to one on the 25th of October 2026."""
    closed = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert scheduled("Antarctica/Troll", closed, (1, 2)) == "2026-10-25T01:00+00:00"


def test_c1_a_contact_told_by_a_clock_ahead_of_ours_counts() -> None:
    ahead = given.later(minutes=4)
    lead = Lead("fam-1", time_zone="America/Chicago", outbound_at=(ahead,))

    moment, contact = schedule(lead, given.NOON, given.NOON, given.PARAMETERS)

    assert moment == ahead + DAY
    assert contact.reasons == ("cooldown",)
