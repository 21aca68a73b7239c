"""Plain words and sentences: how people write on a phone, in e-mails and in transcripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wording import TURN, clauses, plain, sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Plz STOP txting me!!!", "please stop texting me"),
        ("I’m sure we can't, didnt and won't", "i am sure we can not , did not and will not"),
        ("Quítenme de la lista", "quitenme de la lista"),
        ("e-mail $450 w/ thirty-five kids", "email $450 with thirty five kids"),
        ("stoooop", "stop"),
        ("Mom's non-stop talk", "mom's non stop talk"),
        ("😡\u200b", "angryface"),
        ("um so i- i think uh its ok", "so i think it is okay"),
        ("pls resend the shcedule, im intrested", "please resend the schedule , i am interested"),
        ("Tuesday's fine & we said mom's in", "tuesday is fine and we said mom's in"),
        ("\x00\x01", ""),
    ],
)
def test_words_are_made_plain(text: str, words: str) -> None:
    assert plain(text) == words


@given(st.lists(st.text(alphabet="ab ^＾,-'éİ\u0301!😡", max_size=12), max_size=6))
def test_many_texts_read_as_each_alone(texts: list[str]) -> None:
    assert clauses(texts) == [clauses([text])[0] for text in texts]


def test_sentences_end_at_marks_and_lines_but_not_at_titles() -> None:
    text = "Mr. Smith came. We love it, but it's far - too far! Ok?\nBye"
    assert [text[a:b] for a, b in sentences(text)] == [
        "Mr. Smith came.",
        "We love it, but it's far - too far!",
        "Ok?",
        "Bye",
    ]


def test_a_but_and_a_dash_set_clauses_against_each_other() -> None:
    parts = clauses(["We love it, but it's far - too far", "", TURN, "no ^ yes, but but"])
    assert [[" ".join(words) for words in runs] for runs in parts] == [
        ["we love it ,", "but it is far", "too far"],
        [],
        [],
        ["no yes ,", "but"],
    ]
    assert clauses([]) == []


@given(st.text())
def test_sentences_are_trimmed_spans_in_order(text: str) -> None:
    spans = list(sentences(text))
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)
    assert spans == sorted(spans)
