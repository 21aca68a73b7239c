"""F4: what a draft never says after somebody, and whose name it may say."""

import re

import pytest
from hypothesis import example
from hypothesis import given as such_that
from hypothesis import strategies as st

from domain import claims
from domain.actions import ACTIONS
from domain.claims import claim, first_name
from domain.wording import plain

CLAIMS = {
    "money": [
        "Is it only $99?",
        "Do we get 20% off?",
        "Is the fee twenty dollars?",
        "Is there a fee?",
        "Can we pay less?",
        "Is it € cheaper?",
        "the deposit",
    ],
    "number": [
        "Is it 99?",
        "class for 8 year olds?",
        "Do you have it ½ off?",
        "Is practice at ⑥?",
        "Are there ٣ coaches?",
    ],
    "time": [
        "Is there practice Saturday?",
        "Can she come tomorrow?",
        "Is there a class on sat?",
        "Do you start July third?",
        "Is it two hours?",
        "Is there a morning class?",
        "tennis, summer",
    ],
    "place": [
        "Is practice at Lakeside?",
        "Is there a gym?",
        "Do we meet in brooklyn?",
        "Are you near the park?",
        "tennis downtown",
    ],
    "promise": [
        "You said it is free?",
        "Will you hold a spot for her?",
        "Is it guaranteed?",
        "You promised a refund?",
        "Can we get the scholarship?",
        "Does he always win?",
        "Are siblings included?",
        "Is it ＦＲＥＥ?",
    ],
    "unknown": [
        "Do we meet where Brooklyn is?",
        "Is it like Lakeshore?",
        "Is the class <b>new</b>?",
        "Is it fun 💰?",
        "Is it fr\u200bee?",
        "{academy}",
        "Is Frее a class?",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CLAIMS.items() for text in texts])
def test_f4_a_claim_is_told_by_its_kind(kind: str, text: str) -> None:
    found = claim(text)

    assert found is not None
    if kind != "unknown":
        assert found == kind or (found, kind) in CONFUSED


CONFUSED = {("money", "number"), ("place", "time"), ("promise", "place")}
"""A text may hold two: one is told."""


@pytest.mark.parametrize(
    "text",
    [
        "Is there a beginners' class?",
        "What should she wear?",
        "How old are the other kids?",
        "Does the coach train girls, too?",
        "distance",
        "schedule",
        "something else",
        "tennis",
    ],
)
def test_f4_plain_words_may_be_said_back(text: str) -> None:
    assert claim(text) is None


def test_f4_what_the_academy_says_is_no_claim_of_the_family() -> None:
    own = ("Lakeside Gym", "$450", "summer intensive")

    assert claim("Is the Summer Intensive $450?") == "money"
    assert claim("Is the Summer Intensive $450?", own) is None
    assert claim("Is the Summer Intensive $4500?", own) is not None
    assert claim("Do we come to Lakeside Gym?", own) is None
    assert claim("Do we come to Lakeside Gymnasium?", own) is not None


@pytest.mark.parametrize(
    ("full", "first"),
    [
        ("Dana Whitfield", "Dana"),
        ("José", "José"),
        ("Anne-Marie Park", "Anne-Marie"),
        ("Siobhán O'Brien", "Siobhán"),
        ("McKenna", "McKenna"),
        ("May", "May"),
        ("李雷", "李雷"),
        ("", None),
        (None, None),
        ("D.", None),
        ("$50 Dana", None),
        ("Free Trial", None),
        ("FreeTrial", None),
        ("Freetrialmonday", None),
        ("Monday", None),
        ("Guaranteed", None),
        ("Dana🎉", None),
        ("{child}", None),
        ("Frее", None),  # two letters of it are Cyrillic
        ("Mr.", None),
        ("Dana\u200b", None),
        ("A" * 21, None),
    ],
)
def test_f4_a_first_name_is_plainly_one(full: str | None, first: str | None) -> None:
    assert first_name(full) == first


@such_that(st.text(max_size=60))
@example("Is it {price}?")
def test_f4_whatever_passes_has_only_plain_words(text: str) -> None:
    if claim(text) is None:
        assert set(plain(text).replace(",", " ").split()) <= set(claims._PLAIN)
        assert not re.search(r"[\d{}$<>]", text)


@such_that(st.text(max_size=30))
def test_f4_a_first_name_is_letters_of_one_word(full: str) -> None:
    name = first_name(full)
    assert name is None or (name in full and re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name))


def test_f4_no_word_is_both_plain_and_a_claim() -> None:
    assert not set(claims._PLAIN) & set(claims._KIND)
    assert set(claims._NAMES) <= set(claims._KIND)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.name)
def test_f4_templates_name_no_price_date_or_place_of_their_own(action: object) -> None:
    for phrase in ACTIONS[getattr(action, "name", "")].sentences:
        bare = re.sub(r"\{[a-z_]+\}", "", phrase.text)
        assert not re.search(r"[\d$€£%]", bare), phrase.id
        words = set(plain(bare).split())
        assert not words & TEMPLATE_CLAIMS, phrase.id


TEMPLATE_CLAIMS = {
    word
    for word, kind in claims._KIND.items()
    if kind in ("money", "time", "promise") and word not in ("may", "will", "first", "best", "cost")
}
"""Words of ordinary sentences are left: may we, the best way, a first visit, to talk about the cost."""
