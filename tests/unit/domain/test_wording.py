"""Plain words, sentences, and the notation of phrases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wording import Phrasebook, clauses, plain, sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Plz STOP txting me!!!", "please stop texting me"),
        ("I’m sure we can't, didnt and won't", "i am sure we can not , did not and will not"),
        ("Quítenme de la lista", "quitenme de la lista"),
        ("e-mail $4.50 at 10:30am", "email $4.50 at 10:30am"),
        ("stoooop", "stop"),
        ("Mom's non-stop talk", "mom's non stop talk"),
        ("😡\u200b", ""),
    ],
)
def test_words_are_made_plain(text: str, words: str) -> None:
    assert plain(text) == words


@pytest.mark.parametrize(
    ("phrase", "found", "missed"),
    [
        ("stop texting/calling me?", "please stop calling", "stop and text"),
        ("^ stop $", "okay , stop , now", "the bus stop"),
        ("schedul* .. visit", "scheduling a little visit", "schedule it and then maybe a visit"),
        ("pay .. now", "pay it now", "pay it not now"),
        ("he is #", "he is 9 now", "he is nine's"),
        ("take <mine> name", "take our name", "take their name"),
    ],
)
def test_the_notation_finds_what_it_says(phrase: str, found: str, missed: str) -> None:
    book = Phrasebook({"said": [phrase]}, {"mine": "my our"})
    assert [hit.label for hit in book.hits(found)] == ["said"]
    assert book.hits(missed) == ()


@pytest.mark.parametrize("phrase", ["please?", "# ..", "at* home"])
def test_a_phrase_that_cannot_be_looked_up_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="give it"):
        Phrasebook({"said": [phrase]}, {})


def test_sentences_end_at_marks_and_lines_but_not_at_titles() -> None:
    text = "Mr. Smith came. We love it, but it's far - too far! Ok?\nBye"
    assert [text[a:b] for start, end in sentences(text) for a, b in clauses(text, start, end)] == [
        "Mr. Smith came.",
        "We love it",
        "but it's far",
        "too far!",
        "Ok?",
        "Bye",
    ]


@given(st.text())
def test_sentences_are_trimmed_spans_in_order(text: str) -> None:
    spans = list(sentences(text))
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)
    assert spans == sorted(spans)
