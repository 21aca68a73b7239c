import pytest

from projections.dead_letters import from_dead, from_redrive
from runtime.letters import DISCARDS, REDRIVE
from runtime.transform import Message
from runtime.views import record_of
from tests import given
from tests.unit.projections.letters import WORDS, discarded, letter, redriven

PLACE = {"group": "decider", "partition": 1, "offset": 0}


def test_a_letter_says_where_its_record_stood_and_why() -> None:
    assert list(from_dead(letter("decider.dead", 0, given.NOON, ("event-type", b"interaction")))) == [
        PLACE
        | {
            "at": given.NOON,
            "topic": "enriched",
            "record_partition": 1,
            "record_offset": 70,
            "event": "interaction",
            "error": "Rejected",
            "reason": "the lead was never told",
        }
    ]


def test_nothing_of_key_value_or_a_senders_headers_gets_into_the_view() -> None:
    sent = (("event-type", WORDS), ("x-name", WORDS), ("dead-reason", WORDS), (DISCARDS, WORDS))
    (row,) = from_dead(letter("decider.dead", 0, given.NOON, *sent))

    assert WORDS.decode() not in repr(row)
    assert row["event"] is None


def test_what_became_of_a_letter_is_noted_in_its_own_row() -> None:
    later = given.later(hours=1)

    assert list(from_dead(discarded("decider/1/0", 5, later))) == [PLACE | {"discarded_at": later}]
    assert list(from_redrive(redriven("decider/1/0", later))) == [PLACE | {"redriven_at": later}]


@pytest.mark.parametrize("place", [b"", b"decider/1", b"decider/one/0", b"nobody/1/0", b"decider/1/-1"])
def test_a_note_of_no_letter_gives_no_row(place: bytes) -> None:
    note = Message("decider.dead", 1, 9, None, None, [(DISCARDS, place)], given.NOON)
    again = Message("decider.redrive", 1, 9, None, b"x", [(REDRIVE, place)], given.NOON)

    assert list(from_dead(record_of(note))) == []
    assert list(from_redrive(record_of(again))) == []


def test_what_others_wrote_to_the_topic_is_no_letter() -> None:
    assert list(from_dead(record_of(Message("decider.dead", 1, 9, b"k", b"v", [], given.NOON)))) == []
