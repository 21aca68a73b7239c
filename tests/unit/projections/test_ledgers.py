"""The views of one row an event: contacts, readings and steps of status."""

from dataclasses import replace
from datetime import timedelta

from domain.events import ConversationEnriched, Part
from domain.records import Hop
from domain.states import Lead
from domain.vocabulary import Channel, Direction, Failure, Flushed, Status, Verdict
from projections.contacts import from_enriched as contacts_of
from projections.readings import from_enriched as readings_of
from projections.steps import from_transitions as steps_of
from runtime.transform import Record
from tests import given
from tests.unit.extractor.test_costs import ASKED
from tests.unit.projections.household import Story, rows_of


def enriched(event: object, offset: int = 0) -> Record:
    return Record("enriched", 3, offset, "fam-1", event, given.NOON)


TALK = ConversationEnriched(
    event_id="enriched-talk",
    cause_event_id="talk-1",
    lead_id="fam-1",
    root_offset=7,
    recorded_at=given.NOON,
    occurred_at=given.NOON,
    guardian_id="g1",
    why=Flushed.QUIET,
    parts=(Part("sms-1", 5, given.NOON, Direction.INBOUND), Part("sms-2", 6, given.NOON, Direction.INBOUND)),
    extraction=given.said(),
)


def test_c3_the_ledger_is_what_the_state_counts(story: Story) -> None:
    for hours in (30, 50, 80):
        story.call(given.later(hours=hours), direction=Direction.OUTBOUND)
    story.call(given.later(hours=90), direction=Direction.INBOUND, channel=Channel.SMS)
    story.repeat(story.call(given.later(hours=99)), given.later(hours=100), Verdict.DUPLICATE)
    last = story.of("leads")[-1].value
    assert isinstance(last, Lead)

    rows = rows_of(contacts_of, story.of("enriched"))

    assert tuple(row["at"] for row in rows) == last.outbound_at
    assert len({(row["partition"], row["root_offset"]) for row in rows}) == len(rows) == 5


def test_c1_a_contact_says_by_whom_how_and_what_it_carried_out() -> None:
    (row,) = contacts_of(enriched(given.missed_call(ordinal=4, decision_id="d-1")))

    assert row == {
        "partition": 3,
        "root_offset": 4,
        "event_id": "contact-4",
        "lead_id": "fam-1",
        "at": given.NOON,
        "channel": "voice",
        "outcome": "no_answer",
        "guardian_id": "g1",
        "decision_id": "d-1",
    }
    assert list(contacts_of(enriched(given.text()))) == []


def test_e4_a_reading_has_the_costs_that_its_event_records() -> None:
    asked = replace(ASKED, asked_at=given.later(days=-1), failure=Failure.LATE)
    (row,) = readings_of(enriched(given.contact(asked=asked)))

    assert (row["day"], row["model"]) == ((given.NOON - timedelta(days=1)).date(), ASKED.model)
    assert (row["calls"], row["nanos"]) == (ASKED.attempts, ASKED.cost_nanos)
    assert (row["failure"], row["channel"], row["messages"]) == (Failure.LATE.value, "voice", 0)


def test_e4_what_the_rules_read_costs_nothing_and_what_was_not_read_is_none() -> None:
    (row,) = readings_of(enriched(given.contact()))
    assert (row["day"], row["calls"], row["nanos"], row["failure"]) == (given.NOON.date(), 0, 0, None)
    assert list(readings_of(enriched(given.missed_call()))) == []


def test_t1_a_conversation_is_read_once_however_many_messages_it_has() -> None:
    (row,) = readings_of(enriched(TALK))

    assert (row["event_id"], row["channel"], row["messages"]) == ("enriched-talk", "sms", 2)


def test_s4_every_step_of_status_has_a_row() -> None:
    hops = (Hop(Status.NEW, Status.CONTACTED, 0.2), Hop(Status.CONTACTED, Status.INTERESTED, 0.3))
    moved = replace(given.taught("new:neutral", "warm_follow_up", 0.5), hops=hops)
    rows = list(steps_of(Record("transitions", 0, 5, "default", moved, given.NOON)))

    assert [(row["number"], row["from_status"], row["to_status"], row["reward"]) for row in rows] == [
        (0, "new", "contacted", 0.2),
        (1, "contacted", "interested", 0.3),
    ]
    assert {(row["table_id"], row["lead_id"], row["transition_id"]) for row in rows} == {
        ("default", "fam-9", moved.transition_id)
    }
