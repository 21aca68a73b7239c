"""The changes that all who listen share, and how far they were told: no database, no HTTP."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from projections.api.changes import Beat, Behind, Change, Changes, Erased, Mark, Wanted, mark_of
from projections.api.following import PATIENCE_S, Follower, micros
from tests import given

BOTH = b"""event: lead
data: {"lead_id":"fam-1","sequence":4}

id: 7.3
event: decision
data: {"decision_id":"d-3","lead_id":"fam-1"}

"""


def change(lead_id: str = "fam-1", decision_id: str | None = "d-3", after: str = "7.3") -> Change:
    return Change(lead_id, 4, decision_id, after)


def row(offset: int, lead_id: str = "fam-1", *, partition: int = 0, whole: bool = True) -> Any:
    names = {"state_partition": partition, "state_offset": offset, "lead_id": lead_id, "whole": whole}
    return names | {"sequence": offset, "decision_id": f"d-{lead_id}"}


def told(changes: Iterable[Change]) -> list[tuple[str, str | None, str]]:
    return [(one.lead_id, one.decision_id, one.after) for one in changes]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (Wanted(), BOTH),
        (
            Wanted(kinds=frozenset({"lead"})),
            b'id: 7.3\nevent: lead\ndata: {"lead_id":"fam-1","sequence":4}\n\n',
        ),
        (Wanted(kinds=frozenset({"decision"})), BOTH.partition(b"\n\n")[2]),
        (Wanted(leads=frozenset({"fam-1", "fam-2"})), BOTH),
        (Wanted(leads=frozenset({"fam-2"})), b""),
    ],
)
def test_a_change_is_told_by_ids_alone_and_its_last_event_says_where_to_go_on(
    wanted: Wanted, sent: bytes
) -> None:
    assert change().told(wanted) == sent


def test_a_change_without_a_new_decision_has_none_to_tell() -> None:
    assert change(decision_id=None).told(Wanted(kinds=frozenset({"decision"}))) == b""


def test_a_beat_moves_the_place_of_one_whose_leads_are_at_rest() -> None:
    assert Beat("8.3").told(Wanted(leads=frozenset({"fam-2"}))) == b": still here\nid: 8.3\n\n"


def test_an_id_is_the_vector_and_the_last_erasure() -> None:
    mark = Mark((12, 0, 7), 1_796_000_000_000_001)

    assert mark.spelt() == "12.0.7-1796000000000001"
    assert mark_of(mark.spelt()) == mark
    assert mark_of("12.0.7") == Mark((12, 0, 7)), "as a release gave it that told no erasures"


def test_an_erasure_is_told_to_who_asked_for_it_and_moves_the_place() -> None:
    follower, at = Follower((5,)), given.later(days=1, microseconds=1)
    rows: list[Any] = [
        {"lead_id": "fam-1", "subject": subject, "destroyed_at": at} for subject in (None, "g/g1")
    ]
    whole, person = map(follower.erasure, rows)

    assert whole == Erased("fam-1", None, follower.mark.spelt())
    assert whole.told(Wanted()).endswith(b'event: erased\ndata: {"lead_id":"fam-1","subject":null}\n\n')
    assert b'"subject":"g/g1"' in person.told(Wanted(frozenset({"fam-1"})))
    assert whole.told(Wanted(frozenset({"fam-2"}))) == whole.told(Wanted(kinds=frozenset({"lead"}))) == b""
    assert micros(at) % 1_000_000 == 1
    assert follower.change(row(6)).after == f"7-{micros(at)}"


def test_each_listener_hears_what_comes_behind_its_own_place() -> None:
    async def hear() -> tuple[tuple[int, bytes], tuple[int, bytes]]:
        changes = Changes()
        waiting = asyncio.create_task(changes.after(0, Wanted()))
        await asyncio.sleep(0)
        changes.add([change("fam-1"), change("fam-2", None, "7.4")])
        changes.add([])
        return await waiting, await changes.after(1, Wanted())

    whole, rest = asyncio.run(hear())

    assert whole == (2, change("fam-1").told(Wanted()) + change("fam-2", None, "7.4").told(Wanted()))
    assert rest == (2, change("fam-2", None, "7.4").told(Wanted()))


def test_who_is_further_behind_than_is_kept_is_told_so() -> None:
    async def hear(number: int) -> tuple[int, bytes]:
        changes = Changes(kept=3)
        changes.add(change(f"fam-{one}") for one in range(5))
        return await changes.after(number, Wanted(kinds=frozenset({"lead"})))

    assert asyncio.run(hear(2))[1].count(b"event: lead") == 3
    with pytest.raises(Behind):
        asyncio.run(hear(1))


def test_the_vector_moves_over_what_was_told_and_to_where_the_view_is() -> None:
    follower = Follower((5, 0))

    found, more = follower.take([row(5), row(7, "fam-2"), row(0, "fam-3", partition=1)], (9, 4), 10, 0.0)

    assert told(found) == [
        ("fam-1", "d-fam-1", "6.0-0"),
        ("fam-2", "d-fam-2", "8.0-0"),
        ("fam-3", "d-fam-3", "8.1-0"),
    ]
    assert (follower.vector, more) == ((9, 4), False)


def test_a_state_without_its_answer_holds_its_partition_back_and_no_other() -> None:
    follower = Follower((5, 0))
    rows = [row(5), row(7, "fam-2", whole=False), row(8, "fam-3"), row(0, "fam-4", partition=1)]

    found, more = follower.take(rows, (9, 4), 10, 0.0)
    assert [one.lead_id for one in found] == ["fam-1", "fam-4"]
    assert (follower.vector, more) == ((7, 4), False)

    found, _ = follower.take([row(7, "fam-2"), row(8, "fam-3")], (9, 4), 10, 0.1)
    assert [one.lead_id for one in found] == ["fam-2", "fam-3"]
    assert (follower.vector, follower.held) == ((9, 4), {})


def test_a_state_whose_answer_never_comes_is_told_after_a_while() -> None:
    follower, rows = Follower((5,)), [row(5, whole=False)]

    assert follower.take(rows, (6,), 10, 0.0)[0] == []
    assert follower.take(rows, (6,), 10, PATIENCE_S - 0.1)[0] == []
    assert follower.vector == (5,)
    assert [one.lead_id for one in follower.take(rows, (6,), 10, PATIENCE_S)[0]] == ["fam-1"]
    assert (follower.vector, follower.held) == ((6,), {})


def test_a_look_that_was_cut_off_goes_on_where_it_ended() -> None:
    follower = Follower((0,))

    _, more = follower.take([row(3), row(5, "fam-2")], (90,), 2, 0.0)

    assert (follower.vector, more) == ((6,), True)


def test_a_view_that_is_built_anew_tells_nothing_twice() -> None:
    follower = Follower((6,))

    follower.take([], (2,), 10, 0.0)

    assert follower.vector == (6,)


def test_a_partition_that_is_new_to_the_views_is_followed_from_its_beginning() -> None:
    follower = Follower((6,))

    found, _ = follower.take([row(0, partition=1)], (6, 1), 10, 0.0)

    assert (told(found), follower.vector) == ([("fam-1", "d-fam-1", "6.1-0")], (6, 1))


def test_a_decision_in_force_is_told_once() -> None:
    follower = Follower((0,))

    first, _ = follower.take([row(0)], (1,), 10, 0.0)
    again, _ = follower.take([row(1)], (2,), 10, 0.0)

    assert [one.decision_id for one in (*first, *again)] == ["d-fam-1", None]
