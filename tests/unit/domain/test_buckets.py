"""B: the context bucket, first match wins."""

from typing import Any

import pytest

from domain.buckets import bucket
from domain.context import with_interaction
from domain.events import InteractionEnriched
from domain.extraction import Family
from domain.states import Lead
from domain.vocabulary import Bucket, Channel, Intent, Level, Outcome, Sentiment, SignalClass, TopicClass
from tests import given

SAID: list[tuple[str, Bucket, dict[str, Any]]] = [
    ("b2", Bucket.NEGATIVE, {"intent": Intent.DECLINING, "sentiment": Sentiment.NEGATIVE}),
    ("b3", Bucket.SCHEDULING_INTENT, {"intent": Intent.SCHEDULING, "financial_signals": given.worried()}),
    ("b4", Bucket.POSITIVE_ENGAGEMENT, {"intent": Intent.INTERESTED, "sentiment": Sentiment.POSITIVE}),
    ("b5", Bucket.FINANCIAL_CONCERN, {"financial_signals": given.worried(Level.MODERATE)}),
    ("b6", Bucket.HAS_OBJECTIONS, {"objections": (given.objection(TopicClass.DISTANCE),)}),
    ("b7", Bucket.FAMILY_CONTEXT, {"family_context": Family(siblings=(given.WORDS,))}),
    ("b7", Bucket.FAMILY_CONTEXT, {"family_context": Family(decision_makers=(given.WORDS,))}),
    ("b8", Bucket.CONSIDERING, {"intent": Intent.CONSIDERING}),
    ("b9", Bucket.NOVEL_SIGNAL, {"additional_signals": (given.signal(SignalClass.LIFE_EVENT),)}),
    ("b10", Bucket.NEUTRAL, {"additional_signals": (given.signal(SignalClass.PRAISE, Level.LOW),)}),
    ("b10", Bucket.NEUTRAL, {"objections": (given.objection(TopicClass.FINANCIAL),)}),
    ("b10", Bucket.NEUTRAL, {"financial_signals": given.worried(Level.LOW)}),
]


def after(*events: InteractionEnriched) -> Lead:
    lead = Lead("fam-1")
    for event in events:
        lead = with_interaction(lead, event, given.PARAMETERS)
    return lead


def of(lead: Lead, days: float = 0) -> Bucket:
    return bucket(lead, given.later(days=days), given.PARAMETERS)


@pytest.mark.parametrize(("rule", "wanted", "words"), SAID)
def test_b2_b3_b4_b5_b6_b7_b8_b9_b10_what_was_said(rule: str, wanted: Bucket, words: dict[str, Any]) -> None:
    assert of(after(given.text(extraction=given.said(**words)))) is wanted


def test_b1_unreached_until_they_call_back() -> None:
    missed = given.missed_call()

    assert of(after(missed)) is Bucket.UNREACHED
    assert of(after(missed, given.text(given.later(hours=1), 2))) is Bucket.NEUTRAL


def test_b5_the_last_stated_level_stands_until_another_is_stated() -> None:
    high = given.text(extraction=given.said(financial_signals=given.worried()))
    silent = given.text(given.later(hours=1), 2)
    solved = given.text(
        given.later(hours=2), 3, extraction=given.said(financial_signals=given.worried(Level.LOW))
    )

    assert of(after(high, silent)) is Bucket.FINANCIAL_CONCERN
    assert of(after(high, silent, solved)) is Bucket.NEUTRAL


def test_b6_addressed_later_clears_the_objection() -> None:
    raised = given.text(extraction=given.said(objections=(given.objection(TopicClass.SAFETY),)))
    solved = given.text(
        given.later(hours=1),
        2,
        extraction=given.said(objections=(given.objection(TopicClass.SAFETY, addressed=True),)),
    )

    assert of(after(raised)) is Bucket.HAS_OBJECTIONS
    assert of(after(raised, solved)) is Bucket.NEUTRAL


def test_b9_a_signal_is_new_for_30_days() -> None:
    lead = after(given.text(extraction=given.said(additional_signals=(given.signal(SignalClass.MEDICAL),))))

    assert of(lead, days=29) is Bucket.NOVEL_SIGNAL
    assert of(lead, days=31) is Bucket.NEUTRAL


def test_b_our_own_message_changes_nothing_that_the_family_said() -> None:
    asked = given.text(extraction=given.said(Intent.SCHEDULING))
    reply = given.contact(given.later(hours=1), 2, channel=Channel.SMS)
    voicemail = given.contact(given.later(hours=2), 3, outcome=Outcome.VOICEMAIL)

    assert of(after(asked, reply)) is Bucket.SCHEDULING_INTENT
    assert of(after(asked, voicemail, given.text(given.later(hours=3), 4))) is Bucket.NEUTRAL
