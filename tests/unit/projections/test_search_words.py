"""What finds whom: the terms of names, numbers and addresses, and those of a question."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.search_words import (
    LONGEST,
    Hasher,
    NothingToFind,
    asked,
    of_email,
    of_name,
    of_phone,
    search_key,
)


def finds(question: str, terms: set[str]) -> bool:
    return set(asked(question)) <= terms


@pytest.mark.parametrize(
    "question",
    ["dana", "DANA", "dan", "whitfield", "Dana Whitfield", "whit dana", " Whitfield,Dana ", "Dána"],
)
def test_a_name_is_found_by_its_words_and_their_beginnings(question: str) -> None:
    assert finds(question, of_name("Dana Whitfield"))


@pytest.mark.parametrize("question", ["da", "ana", "field", "dana smith", "danas"])
def test_a_name_is_not_found_by_less_or_more(question: str) -> None:
    assert not finds(question, of_name("Dana Whitfield"))


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("José Muñoz", "jose munoz"),
        ("Zoë Brontë", "ZOE bronte"),
        ("Søren Łukasz", "soren lukasz"),
        ("Müller-Straße", "muller strasse"),
        ("O'Brien", "obrien"),
        ("O’Brien", "o'brien"),
        ("Li Wu", "li"),
        ("李明", "李明"),
        ("İrem Işık", "irem isik"),
    ],
)
def test_accents_case_and_marks_make_no_difference(name: str, question: str) -> None:
    assert finds(question, of_name(name))


@pytest.mark.parametrize(
    "question",
    [
        "+1 (312) 555-0101",
        "0013125550101",
        "312-555-0101",
        "(312) 555 0101",
        "5550101",
        "0101",
        "１3125550101",
    ],
)
def test_a_number_is_found_from_abroad_from_home_and_by_its_last_digits(question: str) -> None:
    assert finds(question, of_phone("+1 312 555 0101"))


def test_the_nought_before_a_number_from_home_makes_no_difference() -> None:
    assert finds("0171 1234567", of_phone("+49 171 1234567"))
    assert finds("+49 171 1234567", of_phone("0049 171 1234567"))


@pytest.mark.parametrize("question", ["101", "3125550102", "312 555"])
def test_a_number_is_not_found_by_other_digits_or_its_first_ones(question: str) -> None:
    assert not finds(question, of_phone("+1 312 555 0101"))


@pytest.mark.parametrize(
    "question",
    ["dana.whitfield@example.org", "Dana.Whitfield@Example.ORG", "dana.whitfield", "whitfield", "dana.whi"],
)
def test_an_address_is_found_whole_or_by_its_local_part(question: str) -> None:
    assert finds(question, of_email("Dana.Whitfield@example.org"))


@pytest.mark.parametrize("question", ["example", "dana@example.org", "dana.whitfield@example.com"])
def test_an_address_is_not_found_by_its_host(question: str) -> None:
    assert not finds(question, of_email("dana.whitfield@example.org"))


def test_a_name_and_a_number_are_asked_for_together() -> None:
    assert sorted(asked("dana 555 0101")) == ["n:5550101", "w:dana"]
    assert sorted(asked("12 dana")) == ["w:12", "w:dana"]
    assert asked("dana Dana") == ["w:dana"]


@pytest.mark.parametrize("question", ["", "  ", "?!", "@", "-- ()", "'"])
def test_a_question_without_letters_or_digits_is_none(question: str) -> None:
    with pytest.raises(NothingToFind):
        asked(question)


def test_a_word_without_end_has_bounded_terms_and_is_found() -> None:
    terms = of_name("x" * 200)

    assert len(terms) == LONGEST - 2
    assert finds("x" * 150, terms)


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=300)
def test_whatever_a_name_is_it_is_found_by_itself(name: str) -> None:
    terms = of_name(name)
    if terms and not any(term.startswith(("n:", "e:")) for term in asked(name)):
        assert finds(name, terms)


def test_tokens_need_the_key_and_are_what_a_bigint_holds() -> None:
    one, other = Hasher(search_key(b"a" * 64)), Hasher(search_key(b"b" * 64))

    assert one("w:dana") == one("w:dana") != other("w:dana")
    assert one("w:dana") != one("n:dana")
    assert all(-(1 << 63) <= one(f"w:{number}") < 1 << 63 for number in range(200))
    assert "a" * 8 not in repr(one)
