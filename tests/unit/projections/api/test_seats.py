import pytest

from projections.api.seats import Seats
from runtime.problems import Problem


def test_a_token_and_a_process_have_so_many_seats() -> None:
    seats = Seats("stream", of_a_token=2, of_all=3)
    for name in ("one", "one", "other"):
        seats.take(name)

    with pytest.raises(Problem) as refused:
        seats.take("one")
    with pytest.raises(Problem) as full:
        seats.take("third")
    assert (refused.value.status_code, refused.value.type) == (429, "too-many-streams")
    assert (full.value.status_code, full.value.type) == (503, "no-stream-free")
    assert refused.value.headers == full.value.headers == {"Retry-After": "10"}

    seats.leave("one")
    seats.take("third")


def test_how_many_are_taken_is_counted() -> None:
    counted: list[tuple[str, int]] = []
    seats = Seats("export", of_a_token=1, of_all=2, count=lambda what, taken: counted.append((what, taken)))
    seats.take("one")
    with pytest.raises(Problem):
        seats.take("one")
    seats.take("other")
    seats.leave("one")

    assert counted == [("export", 1), ("export", 2), ("export", 1)]
