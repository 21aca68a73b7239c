"""The notation of phrases, and how they are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phrasebook import Hit, Phrasebook
from domain.wording import tokens


@pytest.mark.parametrize(
    ("phrase", "found", "missed"),
    [
        ("stop texting/calling me?", "please stop calling", "stop and text"),
        ("^ stop $", "okay , stop , now", "the bus stop"),
        ("schedul* .. visit", "scheduling a little visit", "schedule it and then maybe a visit"),
        ("pay .. now", "pay it now", "pay it not now"),
        ("he is #", "he is 9 now", "he is nine's"),
        ("he is #", "he is nine", "he is late"),
        ("~ stop ~", "stop", "stop , now"),
        (
            "can not ... practice",
            "can not ever make it to your early practice",
            "can not make it , no practice",
        ),
        ("we .. love .. it", "we all love to do it", "we will never love it"),
        ("no? thanks now", "thanks now", "thanks later"),
        ("take <mine> name", "take our name", "take their name"),
    ],
)
def test_the_notation_finds_what_it_says(phrase: str, found: str, missed: str) -> None:
    book = Phrasebook({"said": [phrase]}, {"mine": "my our"})
    assert [hit.label for hit in book.hits(found.split())] == ["said"]
    assert book.hits(missed.split()) == []


@pytest.mark.parametrize("phrase", ["please?", "# ..", "at* home"])
def test_a_phrase_that_cannot_be_looked_up_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="give it"):
        Phrasebook({"said": [phrase]}, {})


def test_places_are_counted_in_words_without_commas() -> None:
    book = Phrasebook({"far": ["too far"], "ask": ["how far"]}, {})
    assert book.hits(["well", ",", "it", "is", "too", "far", ",", "how", "far"]) == [
        Hit("far", 3, 5),
        Hit("ask", 5, 7),
    ]


def test_a_list_may_hold_lists_and_stems() -> None:
    book = Phrasebook({"said": ["<far> off"]}, {"far": "dista* <near>", "near": "close"})
    assert [len(book.hits(text.split())) for text in ("distance off", "close off", "dist off")] == [1, 1, 0]


def test_a_book_beside_another_is_found_in_the_same_pass() -> None:
    one, other = (
        Phrasebook({"a": ["we come"]}, {}),
        Phrasebook({"b": ["<who> come* late"]}, {"who": "we they"}),
    )
    both = Phrasebook({"a": ["we come"]}, {}, beside=other)
    words = ["we", "come", "late", ",", "they", "coming", "late"]
    assert sorted(both.hits(words)) == sorted(one.hits(words) + other.hits(words))
    assert both.labels == {"a", "b"}


def test_what_was_said_in_one_piece_is_not_found_across_two() -> None:
    book = Phrasebook({"pair": ["too far"], "gap": ["we .. far"], "edge": ["~ far"]}, {})
    pieces = [["we", "are", "too"], [], ["far"]]
    assert [[hit.label for hit in hits] for hits in book.hits_in(pieces)] == [[], [], ["edge"]]
    assert book.hits_in([]) == []


@pytest.mark.parametrize(
    "phrase", ["^ stop you please", "stop you .. please $", "stop .. now", "we stop you"]
)
def test_many_pieces_are_looked_up_as_each_alone(phrase: str) -> None:
    book = Phrasebook({"said": [phrase, "please"]}, {})
    words = ["we", "stop", "you", ",", "not", "now", "please", "stop", "it", "now"]
    assert book.hits_in([words] * 50) == [book.hits(words)] * 50


def naive(phrase: list[list[str]], words: list[str]) -> int:
    """How often a phrase without gaps stands in the words."""
    starts = range(len(words) - len(phrase) + 1)
    return sum(all(words[at + n] in choice for n, choice in enumerate(phrase)) for at in starts)


@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=2, unique=True), min_size=1, max_size=4),
    st.lists(st.sampled_from("abcde"), max_size=30),
)
def test_what_is_found_is_what_a_plain_search_finds(phrase: list[list[str]], words: list[str]) -> None:
    book = Phrasebook({"said": [" ".join("/".join(choice) for choice in phrase)]}, {})
    assert len(book.hits(words)) == naive(phrase, words)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_up(text: str) -> None:
    book = Phrasebook({"a": ["we .. come", "stop*"], "b": ["^ no $", "# days"]}, {})
    assert all(0 <= hit.start < hit.end for hit in book.hits(tokens(text)))
