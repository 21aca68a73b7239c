"""How many rejected records stop a service: by consecutive count, and by share of a window."""

import pytest

from runtime.dead_letters import Limit
from runtime.errors import DeadLetterLimit


def test_so_many_in_a_row_stop_the_service() -> None:
    limit = Limit(consecutive=3)
    for rejected in (True, True, False, True, True):
        limit.count(rejected=rejected)

    with pytest.raises(DeadLetterLimit, match="3 records in a row"):
        limit.count(rejected=True)


def test_a_share_of_the_window_stops_the_service() -> None:
    limit = Limit(consecutive=9, window=10, share=0.2)
    for ordinal in range(9):
        limit.count(rejected=ordinal % 3 == 0)

    with pytest.raises(DeadLetterLimit, match="3 of 10"):
        limit.count(rejected=False)


def test_the_share_itself_is_still_fine_and_windows_are_counted_apart() -> None:
    limit = Limit(consecutive=9, window=10, share=0.2)
    for ordinal in range(100):
        limit.count(rejected=ordinal % 5 == 0)


def test_by_default_ninety_nine_in_a_row_are_borne() -> None:
    limit = Limit()
    for _ in range(99):
        limit.count(rejected=True)

    with pytest.raises(DeadLetterLimit):
        limit.count(rejected=True)
