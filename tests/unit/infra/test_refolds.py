"""What a rebuilt partition writes: the position first and last, and an end for what is no more; what differs."""

from domain.states import Lead
from infra.refolds import Rebuilt, Row, compared
from runtime.transform import Message
from schemas.codec import encode
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given

POSITION = POSITION_KEY.encode()


def lead(lead_id: str, sequence: int = 2) -> Row:
    return lead_id.encode(), encode("leads", Lead(lead_id, sequence=sequence)), [("due", b"")]


def position(offset: int) -> Row:
    return POSITION, encode("leads", Position(given.NOON, given.NOON, offset)), []


def kept(*rows: Row) -> list[Message]:
    return [
        Message("leads", 3, offset, key, value, said, None) for offset, (key, value, said) in enumerate(rows)
    ]


def test_the_position_goes_first_and_comes_last() -> None:
    after = [lead("fam-1"), position(7)]

    found, rows = compared("leads", 3, after, kept(lead("fam-1"), position(5)))

    assert found == Rebuilt("leads", 3, keys=1, differing=0)
    assert rows == [(POSITION, None, []), *after]


def test_a_key_that_is_no_more_ends_and_differs_as_does_one_that_is_new_or_another() -> None:
    before = kept(lead("gone"), lead("ended"), (b"ended", None, []), lead("other", 1), lead("same"))
    after = [lead("other"), lead("new"), lead("same")]

    found, rows = compared("leads", 3, after, before)

    assert found == Rebuilt("leads", 3, keys=3, differing=3)
    assert rows == [(b"gone", None, []), *after]
