"""Architecture 2.8: which ids a household's thread holds, and what becomes of one that it holds already."""

import hashlib

from domain.threads import KEPT, Thread, seen
from domain.vocabulary import Verdict

BODY = b"body-hash"


def told(count: int) -> Thread:
    thread = Thread()
    for number in range(count):
        thread, again = seen(thread, f"event-{number}", BODY)
        assert again is None
    return thread


def test_2_8_an_id_that_was_seen_changes_nothing() -> None:
    thread = told(3)

    assert seen(thread, "event-1", BODY) == (thread, Verdict.DUPLICATE)
    assert seen(thread, "event-1", b"another") == (thread, Verdict.CONFLICT)
    assert seen(None, "event-1", BODY)[1] is None


def test_2_8_the_oldest_of_so_many_ids_is_forgotten() -> None:
    thread = told(KEPT + 1)

    assert len(thread.recent) == 16 * KEPT
    assert seen(thread, "event-0", BODY)[1] is None
    assert seen(thread, "event-1", BODY)[1] is Verdict.DUPLICATE


def test_2_8_bytes_that_look_like_an_id_across_two_others_are_none() -> None:
    own = hashlib.sha256(b"event-7").digest()[:8]
    across = b"other id" + own[:8] + b"third id" + bytes(8)  # where a body stands
    halves = b"abcd" + own + b"efgh" + bytes(16)

    for recent in (across, halves):
        assert seen(Thread(recent), "event-7", BODY)[1] is None
        again = Thread(recent + own + BODY[:8].ljust(8, b"\0"))
        assert seen(again, "event-7", BODY)[1] is Verdict.DUPLICATE
