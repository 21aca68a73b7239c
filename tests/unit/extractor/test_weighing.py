"""E8: the trained model reads the words beside what the rules find; what stands last weighs most."""

import pytest

from domain.linear import Feature
from domain.vocabulary import Channel, Direction, Intent
from extractor import weighing
from extractor.heard import hear
from extractor.offline_model import by_rules, extract, refusal_in
from extractor.weighing import CLASSES, HEADS, Passage, weighed

SMS = (Channel.SMS, Direction.INBOUND)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("his heart really is not in fencing this year", Intent.DECLINING),
        ("we gave our place to the neighbors boy", Intent.DECLINING),
        ("my hubby still needs convincing, give us a few days", Intent.CONSIDERING),
        ("half the season is overnight trips, that is a lot for a ten year old", Intent.OBJECTING),
        ("the coach was an hour late and nobody let us know", Intent.OBJECTING),
        ("what does a month of judo run", Intent.REQUESTING_INFO),
        ("friday after school suits her", Intent.SCHEDULING),
        ("where do I pay, she wants in", Intent.INTERESTED),
        ("he left his goggles by the pool", Intent.UNCLEAR),
    ],
)
def test_e8_words_of_no_table_are_weighed(text: str, intent: Intent) -> None:
    assert extract(text, *SMS).intent is intent


def test_e8_the_last_passage_weighs_most() -> None:
    yes, no = "Parent: Sign him up please.\n", "Parent: We decided against it, he joined another club.\n"
    ours = "Coach: All right.\n"
    assert extract(yes + ours + no, *SMS).intent is Intent.DECLINING
    assert extract(no + ours + yes, *SMS).intent is Intent.INTERESTED


def test_e8_a_bare_answer_means_what_the_question_offers() -> None:
    asked = "Academy: Would Tuesday at five suit you for the trial?\nParent: yep\n"
    assert extract(asked, *SMS).intent is Intent.SCHEDULING


def test_e8_words_are_weighed_beside_the_question_that_they_answer() -> None:
    likes, leaves = (
        answered("Is it the early one that she likes best?"),
        answered("Is she leaving the early one?"),
    )
    assert likes[1] == leaves[1]  # to the rules they are the same
    assert weighed(*likes) != weighed(*leaves)


def answered(question: str) -> tuple[list[Passage], frozenset[Feature]]:
    heard = hear(f"Academy: {question}\nParent: Yes, that one\n", *SMS)
    passages, rules = by_rules(heard, refusal_in(heard, SMS[0]))
    return passages, rules.features


def test_every_question_has_an_answer_and_they_sum_to_one() -> None:
    words = weighed([], frozenset())
    assert set(words.chances) == set(HEADS)
    assert all(sum(each.values()) == pytest.approx(1) for each in words.chances.values())


def test_the_committed_weights_are_those_of_these_questions() -> None:
    assert weighing._MODEL.classes == CLASSES
