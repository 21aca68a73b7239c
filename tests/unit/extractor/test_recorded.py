"""E3: what an earlier log says of an event stands as it is; nobody is asked, and nothing is opened."""

from dataclasses import replace
from typing import Any

from domain.events import ConversationEnriched, InteractionEnriched
from domain.threads import Thread
from domain.vocabulary import Channel, Direction
from extractor.reading import Readers
from extractor.recorded import Recorded
from extractor.service import build
from runtime.driver import Driver
from runtime.transform import Message
from schemas.codec import encode
from tests import given
from tests.keyring import MemoryKeys
from tests.unit.extractor.models import model
from tests.unit.extractor.test_costs import ASKED

READ = given.contact(cause_event_id="interaction-1", asked=ASKED, extraction=given.said(summary=given.WORDS))


def earlier(*events: Any) -> Recorded:
    return Recorded(
        Message("enriched", 0, number, b"fam-1", encode("enriched", event), [], None)
        for number, event in enumerate(events)
    )


def told(recorded: Recorded, **changes: Any) -> InteractionEnriched:
    asked: list[Any] = []
    readers = Readers(model(asked=asked), recorded=recorded)
    driver: Driver[Thread] = Driver(build(MemoryKeys(), readers))
    event = given.recorded(transcript=given.WORDS, **changes)
    (written,) = [each for each in driver.send(event.lead_id, event) if each.topic == "enriched"]
    assert asked == []
    enriched: InteractionEnriched = written.value
    return enriched


def test_e3_what_was_read_and_what_it_cost_is_taken_over() -> None:
    enriched = told(earlier(given.lead(), READ, replace(READ, asked=None)))

    assert (enriched.extraction, enriched.asked) == (READ.extraction, ASKED)
    assert (enriched.root_offset, enriched.lead_id) == (0, "fam-1")


def test_e3_of_another_household_nothing_is_taken() -> None:
    enriched = told(earlier(replace(READ, lead_id="fam-2")))

    assert enriched.extraction != READ.extraction


def test_e3_what_was_read_in_a_conversation_is_taken_over_too() -> None:
    asked: list[Any] = []
    sms = given.recorded(
        transcript=given.WORDS, channel=Channel.SMS, direction=Direction.INBOUND, buffered=True, urgent=True
    )
    first: Driver[Thread] = Driver(build(MemoryKeys()))
    (talk,) = (one.value for one in first.send("fam-1", sms) if isinstance(one.value, ConversationEnriched))
    read = replace(talk, extraction=READ.extraction, asked=ASKED)
    again: Driver[Thread] = Driver(build(MemoryKeys(), Readers(model(asked=asked), recorded=earlier(read))))
    (taken,) = (one.value for one in again.send("fam-1", sms) if isinstance(one.value, ConversationEnriched))

    assert (taken, asked) == (read, [])
