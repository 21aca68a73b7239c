"""E8: a family that objects in words of no table has its likeliest reason; one that objects to nothing has none."""

import pytest

from domain.vocabulary import Channel, Direction, Intent, Level, TopicClass
from extractor.concerns import objections
from extractor.heard import hear
from extractor.offline_model import extract

SMS = (Channel.SMS, Direction.INBOUND)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("the pitch is on the far side of the valley from us", TopicClass.DISTANCE),
        ("wednesday nights are choir for us, thats the trouble", TopicClass.SCHEDULE),
        ("the monthly bill you quoted made my eyes water", TopicClass.FINANCIAL),
        ("she would be in with kids who have years on her", TopicClass.FIT),
    ],
)
def test_e8_a_reason_in_words_of_no_table_is_weighed(text: str, topic: TopicClass) -> None:
    assert objections(hear(text, *SMS)) == ()
    said = extract(text, *SMS)
    assert said.intent is Intent.OBJECTING
    assert [one.topic_class for one in said.objections] == [topic]
    assert text.startswith(said.objections[0].quote)
    assert (said.financial_signals.concern_level is Level.MODERATE) == (topic is TopicClass.FINANCIAL)


@pytest.mark.parametrize(
    "text", ["what does a month of judo run", "he left his goggles by the pool", "count us in"]
)
def test_e8_who_does_not_object_has_no_reason(text: str) -> None:
    assert extract(text, *SMS).objections == ()


def test_e8_what_the_rules_find_stands_alone() -> None:
    said = extract("We want to, but it is too far for us to drive.", *SMS)
    assert [one.topic_class for one in said.objections] == [TopicClass.DISTANCE]
