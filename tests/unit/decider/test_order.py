"""The order in which the decider answered, from its source and its answers: dead letters come back late."""

from dataclasses import replace

from decider.order import in_order, moments
from decider.service import handle
from domain.events import TickEnriched
from domain.records import Decision
from runtime.transform import Message, Record
from schemas.codec import encode
from schemas.topics import TICK_KEY
from tests import given


def answer(root: int, minutes: int, sequence: int = 0, lead: str = "fam-1") -> Decision:
    """As the decider makes it of a contact, given at that partition time."""
    event = given.contact(given.later(minutes=minutes), root_offset=root, lead_id=lead)
    record = Record("enriched", 0, root, lead, event, given.later(minutes=minutes))
    _state, outputs = handle(given.learned, None, record)
    found = outputs[-1].value
    assert isinstance(found, Decision)
    return replace(found, sequence=sequence)


def contact(root: int, minutes: int, lead: str = "fam-1") -> Message:
    event = given.contact(given.later(minutes=minutes), root_offset=root, lead_id=lead)
    return Message("enriched", 0, root, lead.encode(), encode("enriched", event), [], None)


def tick(root: int, minutes: int) -> Message:
    data = encode("enriched", TickEnriched(given.later(minutes=minutes), root))
    return Message("enriched", 0, root, TICK_KEY.encode(), data, [], None)


def order(messages: list[Message], *answers: Decision) -> tuple[list[int], list[int]]:
    """Offsets as handled, and those without an answer."""
    left: list[int] = []
    handled = in_order(messages, moments(answers), lambda message, _event: left.append(message.offset))
    return [message.offset for message in handled], left


def test_what_was_answered_where_it_stands_stays_there() -> None:
    log = [contact(0, 1), tick(1, 2), contact(2, 3), tick(3, 4)]

    assert order(log, answer(0, 1), answer(2, 3, 1)) == ([0, 1, 2, 3], [])


def test_an_input_that_waited_for_ticks_comes_before_the_first_that_its_answer_had_not_seen() -> None:
    log = [contact(0, 1), tick(1, 2), tick(2, 4), tick(3, 6)]

    assert order(log, answer(0, 4)) == ([1, 2, 0, 3], [])


def test_an_input_answered_after_a_later_one_of_its_household_at_one_time_comes_after_it() -> None:
    log = [tick(0, 9), contact(1, 1), contact(2, 2), contact(3, 3)]

    assert order(log, answer(2, 9), answer(1, 9, 1), answer(3, 9, 2)) == ([0, 2, 1, 3], [])


def test_an_input_that_nobody_answered_is_left_out_and_does_not_move_time() -> None:
    log = [contact(0, 5), tick(1, 4), contact(2, 3, "fam-2"), contact(3, 6)]

    assert order(log, answer(2, 4, lead="fam-2")) == ([1, 2], [0, 3])


def test_a_tick_that_came_too_late_to_count_does_not_bring_a_late_input_forward() -> None:
    log = [contact(0, 1), contact(1, 5, "fam-2"), tick(2, 3), tick(3, 7)]

    assert order(log, answer(1, 5, lead="fam-2"), answer(0, 5)) == ([1, 2, 0, 3], [])


def test_bytes_that_are_no_event_are_left_out() -> None:
    bad = Message("enriched", 0, 1, b"fam-1", b"no frame", [], None)

    assert order([contact(0, 1), bad, contact(2, 2)], answer(0, 1), answer(2, 2, 1)) == ([0, 2], [])
