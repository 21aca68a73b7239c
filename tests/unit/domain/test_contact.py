"""C1, C2: limits and quiet hours move the moment and say why."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.contact import schedule
from domain.states import Lead
from tests import given

ZONES = [
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zones are given beside
PAST = st.lists(st.integers(0, 7 * 24 * 60), max_size=6)


@such_that(
    zone=st.sampled_from(ZONES), now=MOMENTS, hours=st.integers(0, 48), past=PAST, answering=st.booleans()
)
def test_c2_no_moment_in_a_closed_window_and_every_limit_kept(
    zone: str, now: datetime, hours: int, past: list[int], answering: bool
) -> None:
    outbound = tuple(sorted(now - timedelta(minutes=minutes) for minutes in past))
    lead = Lead("f", time_zone=zone, outbound_at=outbound, inbound_at=now if answering else None)
    preferred = now + timedelta(hours=hours)

    moment, contact = schedule(lead, preferred, now, given.PARAMETERS)

    assert moment >= preferred
    assert 8 <= moment.astimezone(ZoneInfo(zone)).hour < 21
    assert bool(contact.reasons) == (moment > preferred)
    if not answering:
        assert all(moment - at >= timedelta(hours=24) for at in outbound)
        assert sum(1 for at in outbound if moment - at < timedelta(days=7)) < 4


def test_c2_an_answer_is_exempt_from_limits_but_not_from_the_night() -> None:
    night = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)  # 23:00 in Chicago
    lead = Lead("f", time_zone="America/Chicago", outbound_at=(night,), inbound_at=night)

    moment, contact = schedule(lead, night, night, given.PARAMETERS)

    assert contact.reasons == ("quiet_hours",)
    assert contact.local_time == "2026-09-07T08:00-05:00"
    assert moment == datetime(2026, 9, 7, 13, 0, tzinfo=UTC)


def test_c1_cooldown_and_caps_say_their_names() -> None:
    outbound = tuple(given.later(hours=-hours) for hours in (100, 75, 50, 2))
    lead = Lead("f", time_zone="America/Chicago", outbound_at=outbound)

    moment, contact = schedule(lead, given.NOON, given.NOON, given.PARAMETERS)

    assert contact.reasons[:2] == ("cooldown", "week_cap")
    assert moment >= outbound[0] + timedelta(days=7)
    assert (contact.contacts_day, contact.contacts_week) == (1, 4)
