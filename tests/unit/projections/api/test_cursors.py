import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.api.cursors import LABEL, Cursors, InvalidCursor
from runtime.master import LocalMaster

MASTER = bytes(range(64))
CURSORS = Cursors(LocalMaster(MASTER).derived(LABEL))
LEADS = ("leads", "updated", None)
WHERE = ("2026-09-07T17:00:00+00:00", "fam-1")

listings = st.lists(st.none() | st.text(max_size=20), max_size=6)
places = st.lists(st.text(max_size=40) | st.integers(0, 2**62), min_size=1, max_size=3)


@given(listings, places)
def test_a_cursor_gives_its_place_back(listing: list[str | None], where: list[str | int]) -> None:
    assert CURSORS.place(listing, CURSORS.made(listing, where)) == where


@given(listings, listings, places)
def test_another_listing_refuses_it(one: list[str | None], other: list[str | None], where: list[str]) -> None:
    if one != other:
        with pytest.raises(InvalidCursor):
            CURSORS.place(other, CURSORS.made(one, where))


@given(st.text(max_size=80))
def test_words_that_nobody_gave_are_refused(word: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.place(["leads"], word)


def test_a_cursor_of_which_one_letter_was_changed_or_added_is_refused() -> None:
    word = CURSORS.made(LEADS, WHERE)
    altered = {
        word[:place] + letter + word[place + gone :]
        for place in range(len(word) + 1)
        for letter in ("A", "z", "-", "!", "=", "")
        for gone in (0, 1)
    } - {word}

    for one in altered:
        with pytest.raises(InvalidCursor):
            CURSORS.place(LEADS, one)


def test_what_another_key_signed_is_refused() -> None:
    other = Cursors(LocalMaster(MASTER[::-1]).derived(LABEL))

    with pytest.raises(InvalidCursor):
        CURSORS.place(LEADS, other.made(LEADS, WHERE))


def test_copies_of_the_api_and_restarts_understand_each_others_cursors() -> None:
    elsewhere = Cursors(LocalMaster(MASTER).derived(LABEL))

    assert elsewhere.place(LEADS, CURSORS.made(LEADS, WHERE)) == list(WHERE)


def test_the_key_is_of_this_use_alone_and_printed_nowhere() -> None:
    assert LocalMaster(MASTER).derived(LABEL) != LocalMaster(MASTER).derived("search")
    assert len(LocalMaster(MASTER).derived(LABEL)) == 32
    assert repr(CURSORS) == "Cursors()"
