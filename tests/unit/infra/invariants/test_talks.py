"""Every message of a conversation is read once and in time, and the answer to it is there: its part of I1, I2, I7."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.acts import ErasureTold
from domain.events import ConversationEnriched, Tick
from infra.invariants.history import Entry, History
from infra.invariants.talks import unread
from tests import given
from tests.unit.infra.invariants.complete import complete
from tests.unit.infra.invariants.test_invariants import Recorder, broken, changing, last, with_entries


@pytest.fixture(scope="module")
def told() -> History:
    """Two messages that a tick has read, one that is urgent, one that waits."""
    flow = Recorder()
    flow.send(given.recorded_lead())
    flow.send(replace(flow.sms(1, 1, "Is there a place on Saturday?"), buffered=True))
    flow.send(replace(flow.sms(1, 2, "And at ten?"), buffered=True))
    for hours in (2, 3):
        flow.send(Tick(given.later(hours=hours)))
    flow.send(replace(flow.sms(4, 3, "Please book us in"), buffered=True, urgent=True))
    flow.send(replace(flow.sms(5, 4, "Thanks a lot"), buffered=True))
    return complete(flow.history())


def first(history: History) -> Entry:
    return next(entry for entry in history.of("enriched") if isinstance(entry.value, ConversationEnriched))


def talk(history: History) -> Entry:
    return last(history, "enriched", lambda each: isinstance(each, ConversationEnriched))


def read_in_another_talk(history: History) -> History:
    (part,) = talk(history).value.parts
    return changing(history, first(history), parts=(*first(history).value.parts, part))


def never_read(history: History) -> History:
    return changing(history, first(history), parts=first(history).value.parts[1:])


def read_where_nothing_was_told(history: History) -> History:
    (part,) = talk(history).value.parts
    return changing(history, talk(history), parts=(replace(part, event_id="another"),))


def answer_to_a_talk_lost(history: History) -> History:
    cause = talk(history).value.cause_event_id
    kept = [entry for entry in history.of("decisions") if entry.value.cause_event_id != cause]
    assert len(kept) == len(history.of("decisions")) - 1
    return with_entries(history, "decisions", kept)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("I1", never_read),
        ("I2", read_in_another_talk),
        ("I7", read_where_nothing_was_told),
    ],
)
def test_t1_a_damage_breaks_its_own_invariant_and_no_other(
    told: History, name: str, damage: Callable[[History], History]
) -> None:
    assert broken(told) == set()
    assert broken(damage(told)) == {name}


def test_d6_an_answer_to_a_conversation_is_missed_beside_that_to_its_message(told: History) -> None:
    assert "I1" in broken(answer_to_a_talk_lost(told))


def test_a5_what_an_erased_household_had_to_say_need_not_be_read(told: History) -> None:
    gone = ErasureTold("gone", "fam-1", given.NOON, given.NOON, None, "desk", b"")
    entries = [*told.of("interactions"), Entry("interactions", 0, 0, "fam-1", gone)]

    assert "I1" in {each.invariant for each in unread(never_read(told))}
    assert list(unread(with_entries(never_read(told), "interactions", entries))) == []
