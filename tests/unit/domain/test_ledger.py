"""C3: the ledger of contacts in a household's state is what a recount of the log comes to, at every offset."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.contact import schedule
from domain.events import InteractionEnriched
from domain.states import Lead
from domain.vocabulary import Channel, Direction, Outcome
from tests import given
from tests.answers import on_interaction, on_lead, on_time

LEARNED = given.learned()
DAY, WEEK = timedelta(days=1), timedelta(days=7)

TOLD = st.lists(
    st.tuples(
        st.integers(0, 20 * 24 * 60),
        st.integers(0, 9 * 24 * 60),
        st.sampled_from(Channel),
        st.sampled_from([Direction.OUTBOUND, Direction.OUTBOUND, Direction.INBOUND]),
        st.sampled_from(Outcome),
    ),
    max_size=25,
)
"""When it took place and how much later it was told, both in minutes; what it was."""


def log(told: list[tuple[int, int, Channel, Direction, Outcome]]) -> list[InteractionEnriched]:
    """Contacts in the order in which they were told."""
    ordered = sorted(told, key=lambda one: one[0] + one[1])
    return [
        given.contact(
            given.later(minutes=minutes),
            ordinal,
            recorded_at=given.later(minutes=minutes + late),
            channel=channel,
            direction=direction,
            outcome=outcome,
        )
        for ordinal, (minutes, late, channel, direction, outcome) in enumerate(ordered, 1)
    ]


def folded(lead: Lead, event: InteractionEnriched) -> Lead:
    """The household after a contact, and after whatever time did to it until then."""
    now = event.recorded_at
    if lead.due is not None and lead.due <= now:
        lead = on_time(lead, lead.due, now, event.root_offset, LEARNED).lead
    return on_interaction(lead, event, now, LEARNED).lead


def assert_recounted(lead: Lead, contacts: list[datetime], now: datetime) -> None:
    """The counts, and every moment that the limits leave, from the log alone."""
    recount = replace(lead, outbound_at=tuple(sorted(contacts)), inbound_at=None)
    for hours in (0, 30, 100):
        wanted = now + timedelta(hours=hours)
        moment, contact = schedule(replace(lead, inbound_at=None), wanted, now, given.PARAMETERS)
        assert (moment, contact) == schedule(recount, wanted, now, given.PARAMETERS)
        assert contact.contacts_day == sum(now - DAY < at for at in contacts)
        assert contact.contacts_week == sum(now - WEEK < at for at in contacts)


@such_that(TOLD)
def test_c3_the_ledger_equals_a_recount_at_every_offset(
    told: list[tuple[int, int, Channel, Direction, Outcome]],
) -> None:
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    contacts: list[datetime] = []
    for event in log(told):
        lead = folded(lead, event)
        if event.direction is Direction.OUTBOUND:
            contacts.append(event.occurred_at)

        assert_recounted(lead, contacts, event.recorded_at)


def test_c3_the_ledger_of_years_is_that_of_a_week() -> None:
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    for day in range(60):
        lead = folded(lead, given.contact(given.later(days=day), day + 1, channel=Channel.SMS))

    assert lead.outbound_at == tuple(given.later(days=day) for day in range(53, 60))
