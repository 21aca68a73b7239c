"""Where a quote stands, and whose it is: small cases by hand."""

import pytest

from domain.vocabulary import Speaker
from tests.extraction.golden import transcript
from tests.extraction.places import Span, overlap, words

CALL = {
    "id": 1,
    "via": "voice outbound",
    "who": "Rep | Mom, Mom's Dad",
    "text": "Rep: He is ten?\nMom: Yes, ten.\nMom's Dad: Stop: no!\n",
}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Thirty- five,  o'clock", "thirty five oclock"),
        ("¿Cuánto  cuesta?", "cuanto cuesta"),
        ("don’t\nDON'T", "dont dont"),
        ("a\u200bb", "ab"),
        ("ﬁne", "fine"),
        ("👍👍", "👍👍"),
        ("  ", ""),
    ],
)
def test_words_are_the_same_however_they_are_written(text: str, plain: str) -> None:
    assert words(text).plain == plain


def test_each_character_of_the_words_knows_its_place() -> None:
    text = "  Él - sí,   she’s"
    found = words(text)
    assert len(found.plain) == len(found.at)
    assert [text[place] for place, sign in zip(found.at, found.plain, strict=True) if sign == "s"] == [
        "s"
    ] * 3


@pytest.mark.parametrize(
    ("quote", "places"),
    [
        ("he IS ten", [(5, 14)]),
        ("ten", [(11, 14), (26, 29)]),
        ("te", []),
        ("e is ten", []),
        ("is twelve", []),
        ("", []),
        ("?!", []),
    ],
)
def test_a_quote_is_found_wherever_its_whole_words_stand(quote: str, places: list[tuple[int, int]]) -> None:
    assert [(span.start, span.end) for span in transcript(CALL).spans(quote)] == places


def test_a_place_counts_only_if_all_of_it_is_the_speakers() -> None:
    told = transcript(CALL)
    assert [span.start for span in told.spoken("ten", Speaker.FAMILY)] == [26]
    assert [span.start for span in told.spoken("ten", Speaker.ACADEMY)] == [11]
    assert told.spoken("no", Speaker.FAMILY), "a colon within a turn begins no other"
    across = "ten. Mom's Dad: Stop"
    assert told.spans(across)
    assert not told.spoken(across, Speaker.FAMILY), "a label is nobody's words"


def test_without_labels_the_familys_passages_are_named() -> None:
    told = transcript(
        {"id": 1, "via": "voice outbound", "text": "hi is he ten\nyes ten\ngood", "theirs": ["yes ten"]}
    )
    assert [span.start for span in told.spoken("ten", Speaker.FAMILY)] == [17]
    assert told.spoken("good", Speaker.ACADEMY)
    assert len(told.spoken("ten", Speaker.UNKNOWN)) == 2, "who could say in a call without labels"
    assert not transcript(CALL).spoken("ten", Speaker.UNKNOWN)


def test_a_recording_is_nobodys() -> None:
    told = transcript({"id": 1, "via": "sms inbound", "text": "Leave a message", "nobody": True})
    assert told.spans("a message")
    assert not told.spoken("a message", Speaker.FAMILY)
    assert not told.spoken("a message", Speaker.ACADEMY)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [((0, 10), (5, 25), 0.5), ((0, 10), (10, 20), 0.0), ((0, 4), (0, 40), 1.0), ((0, 10), (20, 30), 0.0)],
)
def test_overlap_is_of_the_shorter(one: tuple[int, int], other: tuple[int, int], share: float) -> None:
    assert overlap(Span(*one), Span(*other)) == overlap(Span(*other), Span(*one)) == share
