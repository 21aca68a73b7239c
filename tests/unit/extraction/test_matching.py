"""What is right, surplus, omitted or made up: small cases by hand, a wrong score is worse than none."""

from dataclasses import replace

import pytest

from domain.extraction import Fact, Objection
from domain.vocabulary import Severity, Speaker, TopicClass
from tests.extraction.golden import transcript
from tests.extraction.matching import (
    LONGEST,
    Item,
    Tally,
    fact,
    matched,
    numbers,
    objection,
    paired,
    wanted_fact,
)

CALL = transcript(
    {
        "id": 1,
        "via": "voice outbound",
        "who": "Rep | Mom",
        "text": "Rep: Is he seven? We open at nine.\n"
        "Mom: He is seven and plays in goal. Tuesdays are bad. His sister is five.\n"
        "Mom: It is too far, and too dear. We open at nine, you say.\n",
    }
)


def tally(**counts: int) -> Tally:
    return replace(Tally(), **counts)


@pytest.mark.parametrize(
    ("wanted", "said", "counted"),
    [
        (["Tuesdays are bad"], ["Tuesdays are bad"], {"found": 1, "right": 1}),
        (["Tuesdays are bad"], ["tuesdays ARE bad."], {"found": 1, "right": 1}),
        (["Tuesdays are bad"], [], {}),
        ([], ["Tuesdays are bad"], {}),
        (["Tuesdays are bad"], ["His sister is five"], {}),
        (["Tuesdays are bad"], ["Thursdays are bad"], {"ungrounded": 1}),
        (["Tuesdays are bad"], ["Is he seven?"], {"misattributed": 1}),
        (["He is seven", "plays in goal"], ["He is seven and plays in goal."], {"found": 2, "right": 1}),
        (["He is seven and plays in goal"], ["He is seven", "plays in goal"], {"found": 1, "right": 2}),
        (["He is seven and plays in goal"], ["in goal. Tuesdays are bad. His sister"], {}),
    ],
)
def test_items_match_by_the_words_they_rest_on(
    wanted: list[str], said: list[str], counted: dict[str, int]
) -> None:
    found = matched(CALL, list(map(Item, wanted)), list(map(Item, said)))
    assert found == tally(wanted=len(wanted), said=len(said), **counted)


def test_said_in_two_places_the_familys_counts() -> None:
    found = matched(CALL, [Item("We open at nine")], [Item("We open at nine")])
    assert (found.found, found.misattributed) == (1, 0)


def test_a_question_may_be_either_sides() -> None:
    found = matched(CALL, [Item("Is he seven?", None)], [Item("Is he seven?", None)])
    assert (found.found, found.right, found.misattributed) == (1, 1, 0)


def test_a_quote_of_everything_finds_nothing() -> None:
    many = " ".join(f"w{number}" for number in range(LONGEST + 1))
    told = transcript({"id": 1, "via": "voice outbound", "text": many})
    assert matched(told, [Item("w7")], [Item(many)]) == tally(wanted=1, said=1)
    assert matched(told, [Item("w7")], [Item(many.rpartition(" ")[0])]).found == 1


def test_what_another_field_has_is_no_mistake_and_finds_nothing() -> None:
    found = matched(CALL, [Item("He is seven")], [Item("Tuesdays are bad")], [Item("Tuesdays are bad")])
    assert found == tally(wanted=1, said=1, right=1)


@pytest.mark.parametrize(
    ("text", "speaker", "found"),
    [
        ("age 7", Speaker.FAMILY, 1),
        ("a goalkeeper", Speaker.FAMILY, 1),  # the number is in its quote
        ("age 7", Speaker.ACADEMY, 0),
        ("age 7", Speaker.UNKNOWN, 0),
    ],
)
def test_a_fact_names_its_speaker(text: str, speaker: Speaker, found: int) -> None:
    wanted = wanted_fact(Fact("is 7", "He is seven", Speaker.FAMILY))
    said = fact(Fact(text, "He is seven and plays in goal", speaker))
    assert matched(CALL, [wanted], [said]).found == found


def test_a_fact_has_the_numbers_of_its_label() -> None:
    wanted = wanted_fact(Fact("is 7", "He is seven and plays", Speaker.FAMILY))
    assert matched(CALL, [wanted], [fact(Fact("goalkeeper", "and plays", Speaker.FAMILY))]).found == 0
    assert matched(CALL, [wanted], [fact(Fact("7, goalkeeper", "and plays", Speaker.FAMILY))]).found == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nine or 10", {"9", "10"}),
        ("the 1st, $90", {"1", "90"}),
        ("tiene ocho años", {"8"}),
        ("none U10s", set()),
    ],
)
def test_numbers_are_read_as_digits(text: str, found: set[str]) -> None:
    assert numbers(text) == found


def objects(topic: str, quote: str) -> Item:
    return objection(Objection(topic, TopicClass(topic), quote, Severity.HIGH, addressed=False, quote=quote))


FAR, DEAR = objects("distance", "It is too far"), objects("financial", "too dear")


@pytest.mark.parametrize(
    ("wanted", "said", "counted", "pairs"),
    [
        ([FAR, DEAR], [DEAR, FAR], {"found": 2, "right": 2}, [(0, 1), (1, 0)]),
        ([FAR], [objects("distance", "Tuesdays are bad")], {"found": 1, "right": 1}, [(0, 0)]),
        ([FAR], [objects("distance", "much too far")], {"ungrounded": 1}, []),
        ([FAR], [objects("distance", "Is he seven?")], {"misattributed": 1}, []),
        ([FAR], [objects("fit", "It is too far")], {}, []),
        ([FAR], [FAR, FAR], {"found": 1, "right": 1}, [(0, 0)]),
        ([], [FAR], {}, []),
        ([DEAR], [], {}, []),
    ],
)
def test_objections_are_paired_by_class_one_to_one(
    wanted: list[Item], said: list[Item], counted: dict[str, int], pairs: list[tuple[int, int]]
) -> None:
    assert paired(CALL, wanted, said) == (
        tally(wanted=len(wanted), said=len(said), **counted),
        pairs,
    )


def test_of_two_of_a_class_the_one_of_the_same_words_is_paired() -> None:
    wanted = [Item("It is too far", kind="x"), Item("too dear", kind="x")]
    said = [Item("too dear", kind="x"), Item("Tuesdays are bad", kind="x")]
    assert paired(CALL, wanted, said)[1] == [(0, 1), (1, 0)]


def test_rates_are_of_what_was_said_or_wanted_and_none_without() -> None:
    found = Tally(wanted=4, found=3, said=10, right=5, ungrounded=1, misattributed=1)
    assert (found.precision, found.recall, found.omission, found.hallucination) == (0.5, 0.75, 0.25, 0.2)
    nothing = Tally()
    assert (nothing.precision, nothing.recall, nothing.omission, nothing.hallucination) == (None,) * 4
    assert found + found == Tally(8, 6, 20, 10, 2, 2)
