"""What became of each dead letter, told from the records on both topics alone, whatever a sender wrote into its own."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.dead import Kept, over, standing, stood_at
from runtime.errors import Rejected
from runtime.transform import Headers, Message

SAID: Headers = [
    ("dead-discards", b"ingest/0/0"),
    ("redrive-letter", b"ingest/0/0"),
    ("dead-topic", b"forged"),
]
"""Headers that a sender gave its own record."""


def message(
    offset: int, value: bytes | None = b"bytes", headers: Headers | None = None, days: float = 0.1
) -> Message:
    appended = datetime.now(UTC) - timedelta(days=days)
    return Message("ingest.dead", 0, offset, b"fam-1", value, headers or [], appended)


def dead(
    offset: int, value: bytes | None = b"bytes", headers: Headers | None = None, days: float = 0.1
) -> Message:
    """A letter as a service writes it."""
    record = Message("inbox", 0, 70 + offset, b"fam-1", value, headers or [], None)
    return message(offset, value, record.dead("ingest", Rejected("no")), days)


def states(found: list[Kept]) -> dict[str, str]:
    return {each.letter.place: each.letter.state for each in found}


def test_a_letter_waits_until_it_is_redriven_or_discarded() -> None:
    note = message(3, None, [("dead-discards", b"ingest/0/1")])
    again = message(0, headers=[*dead(0).headers, ("redrive-letter", b"ingest/0/0")])

    found = standing("ingest", [note, dead(2), dead(1), dead(0)], [again])

    assert states(found) == {"ingest/0/0": "redriven", "ingest/0/1": "discarded", "ingest/0/2": "waiting"}


@pytest.mark.parametrize("value", [None, b"", b"bytes"])
def test_no_header_of_a_sender_makes_its_letter_something_else(value: bytes | None) -> None:
    forged = dead(1, value, SAID)

    found = standing("ingest", [dead(0), forged], [])

    assert states(found) == {"ingest/0/0": "waiting", "ingest/0/1": "waiting"}
    assert found[1].letter.source == "inbox/0/71"
    assert stood_at(forged) == ("inbox", 0, 71)


def test_a_redriven_record_names_its_letter_last() -> None:
    again = message(0, headers=[*dead(1, headers=SAID).headers, ("redrive-letter", b"ingest/0/1")])

    assert states(standing("ingest", [dead(0), dead(1)], [again])) == {
        "ingest/0/0": "waiting",
        "ingest/0/1": "redriven",
    }


def test_what_was_left_out_cannot_be_told_by_a_header_alone() -> None:
    left_out: Headers = [("dead-left-out", b"key, value and headers, 2000000 bytes")]
    small, large = dead(0, headers=left_out), dead(1, None, left_out)
    large = Message("ingest.dead", 0, 1, None, None, large.headers, large.appended)

    assert [each.letter.left_out for each in standing("ingest", [small, large], [])] == [False, True]


def test_a_letter_whose_time_is_over_is_none_though_its_segment_is_still_there() -> None:
    """The record that redrove it may be gone before it: it would seem to wait, and be given back twice."""
    assert standing("ingest", [dead(0, days=1.01)], []) == []
    assert [over(dead(0, days=days)) for days in (0.99, 1.01)] == [False, True]
