"""E1: the dimensions of what was said, each in a closed vocabulary or as the family's own words."""

from dataclasses import fields
from enum import StrEnum

import pytest

from domain.extraction import Extraction, skipped, with_texts
from domain.vocabulary import Intent, Level, OptOut, Sentiment, Severity, SignalClass, TopicClass

VOCABULARIES: list[tuple[type[StrEnum], str]] = [
    (Intent, "interested requesting_info scheduling considering objecting declining no_response unclear"),
    (Sentiment, "positive neutral negative"),
    (Level, "none low moderate high"),
    (Severity, "low medium high"),
    (TopicClass, "financial schedule distance safety fit trust other"),
    (
        SignalClass,
        (
            "life_event competitor special_need medical referral transport language logistics payment "
            "complaint praise other"
        ),
    ),
    (OptOut, "yes unsure no"),
]


@pytest.mark.parametrize(("kind", "words"), VOCABULARIES, ids=[kind.__name__ for kind, _ in VOCABULARIES])
def test_e1_a_vocabulary_is_closed(kind: type[StrEnum], words: str) -> None:
    assert {member.value for member in kind} == set(words.split())


def test_e1_ten_dimensions_and_what_stands_beside_them() -> None:
    how_it_came_about = {"adapter", "model", "status"}
    beside = {"signed_up", "opt_out", "injection"}

    assert {field.name for field in fields(Extraction)} - how_it_came_about - beside == {
        "summary", "facts", "intent", "sentiment", "open_questions", "financial_signals",
        "scheduling_constraints", "family_context", "objections", "additional_signals",
    }  # fmt: skip


def test_e1_where_nothing_was_said_every_dimension_is_empty() -> None:
    texts: list[str] = []

    with_texts(skipped(), lambda field, text: texts.append(f"{field} {text}"))

    assert texts == []
    said = skipped()
    assert (said.intent, said.sentiment) == (Intent.NO_RESPONSE, Sentiment.NEUTRAL)
    assert (said.financial_signals.concern_level, said.opt_out.verdict) == (Level.NONE, OptOut.NO)
    assert (said.signed_up.value, said.injection) == (False, False)
