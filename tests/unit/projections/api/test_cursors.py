import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.api.cursors import InvalidCursor, cursor, place

listings = st.lists(st.none() | st.text(max_size=20), max_size=6)
places = st.lists(st.text(max_size=40) | st.integers(0, 2**62), min_size=1, max_size=3)


@given(listings, places)
def test_a_cursor_gives_its_place_back(listing: list[str | None], where: list[str | int]) -> None:
    assert place(listing, cursor(listing, where)) == where


@given(listings, listings, places)
def test_another_listing_refuses_it(one: list[str | None], other: list[str | None], where: list[str]) -> None:
    if one != other:
        with pytest.raises(InvalidCursor):
            place(other, cursor(one, where))


@given(st.text(max_size=80))
def test_words_that_nobody_gave_are_refused(word: str) -> None:
    with pytest.raises(InvalidCursor):
        place(["leads"], word)
