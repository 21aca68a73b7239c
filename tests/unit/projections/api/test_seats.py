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
