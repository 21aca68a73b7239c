"""E8: rules and words together: what the rules missed is added with its quote, what is improbable taken back."""

import pytest

from domain.extraction import Extraction
from domain.vocabulary import Channel, Direction, Intent, Level, Sentiment, TopicClass
from extractor.concerns import objections
from extractor.heard import hear
from extractor.offline_model import by_rules, extract, refusal_in

SMS = (Channel.SMS, Direction.INBOUND)


def read(text: str) -> Extraction[str]:
    return extract(text, *SMS)


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
    said = read(text)
    assert said.intent is Intent.OBJECTING
    assert [one.topic_class for one in said.objections] == [topic]
    assert text.startswith(said.objections[0].quote)
    worried = said.financial_signals.concern_level in {Level.MODERATE, Level.HIGH}
    assert worried == (topic is TopicClass.FINANCIAL)


@pytest.mark.parametrize(
    "text", ["what does a month of judo run", "he left his goggles by the pool", "count us in"]
)
def test_e8_who_does_not_object_has_no_reason(text: str) -> None:
    assert read(text).objections == ()


def test_e8_what_the_rules_find_stands_alone() -> None:
    said = read("We want to, but it is too far for us to drive.")
    assert [one.topic_class for one in said.objections] == [TopicClass.DISTANCE]


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("she has not stopped talking about her coach since, best part of our week", Sentiment.POSITIVE),
        ("three weeks and nobody there can be bothered to answer a simple mail", Sentiment.NEGATIVE),
        ("we are at the dentist until four", Sentiment.NEUTRAL),
    ],
)
def test_e8_mood_in_words_of_no_table_is_weighed(text: str, mood: Sentiment) -> None:
    assert read(text).sentiment is mood


def test_e8_a_yes_that_is_missing_is_quoted() -> None:
    text = "I like it. It is up to his grandpa though, he is the one driving."
    (quote,) = read(text).family_context.decision_makers
    assert quote in text


def test_e8_news_in_words_of_no_table_is_worth_knowing() -> None:
    text = "she snapped her wrist on the trampoline, cast till march"
    (signal,) = read(text).additional_signals
    assert signal.urgency in {Level.MODERATE, Level.HIGH}
    assert signal.quote in text


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("just pressed submit on the enrolment page", True),
        ("filled it all in online, kit size is 8", True),
        ("we would put her name down if the price came down a bit", False),
        ("we paid for his brother's kit already", False),
    ],
)
def test_e8_a_sign_up_in_words_of_no_table_is_weighed(text: str, signs: bool) -> None:
    heard = hear(text, *SMS)
    assert not by_rules(heard, refusal_in(heard, SMS[0]))[1].signs
    said = read(text).signed_up
    assert said.value is signs
    assert (said.quote is not None) is signs


def test_e8_who_takes_a_sign_up_back_has_none() -> None:
    assert not read("We signed up on Monday, but please cancel it, we are not coming.").signed_up.value
