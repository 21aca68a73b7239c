"""E2: what a transcript does not bear out is dropped and counted, whoever has answered."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.extraction import Extraction
from domain.turns import Turn
from domain.vocabulary import Channel, Direction, Level, OptOut, Speaker
from extractor.answer_schema import Answer
from extractor.grounding import grounded
from extractor.offline_model import extract
from extractor.port import request
from tests.extraction.golden import golden
from tests.provider.says import answer

CALL = (
    "Coach: Hi, this is Coach Dan. We promised you the schedule.\n"
    "Parent: It's the thirty- dollar fee -- that’s too much for us.\n"
    "Coach: I understand. Would Saturday suit?\n"
    "Parent: Saturday at ten-thirty works. Please stop calling my work e-mail."
)
FEE = "that’s too much for us"


def said(**changes: Any) -> Extraction[str]:
    return Answer.model_validate(answer(**changes)).extraction("openai", "a-model")


def checked(text: str = CALL, **changes: Any) -> tuple[Extraction[str], dict[str, int]]:
    return grounded(said(**changes), request(text, Channel.VOICE, Direction.OUTBOUND).spoken)


def mentions(*quotes: str) -> dict[str, Any]:
    return {"mentions": list(quotes), "concern_level": "high"}


def fact(quote: str, speaker: str) -> dict[str, str]:
    return {"quote": quote, "speaker": speaker, "text": "something"}


def objection(quote: str) -> dict[str, Any]:
    return {
        "quote": quote,
        "topic": "cost",
        "topic_class": "financial",
        "detail": "the fee",
        "severity": "medium",
        "addressed": False,
    }


def signal(quote: str, action: str | None) -> dict[str, Any]:
    return {
        "quote": quote,
        "signal": "contact",
        "signal_class": "other",
        "detail": "at work",
        "urgency": "low",
        "suggested_action": action,
    }


@pytest.mark.parametrize(
    "quote",
    [
        FEE,
        "THAT'S too   much for us.",
        "that's too much\nfor us",
        "“That’s too much for us…”",
        "thirty dollar fee",
        "thirty-dollar fee",
        "the thirty — dollar fee",
        "thirty\u00addollar \u200bfee",
        "ｔｈｉｒｔｙ dollar fee",
    ],
)
def test_e2_a_quote_is_found_however_it_is_written(quote: str) -> None:
    kept, dropped = checked(financial_signals=mentions(quote))

    assert dropped == {}
    (found,) = kept.financial_signals.mentions
    assert found in CALL


@pytest.mark.parametrize(
    "quote",
    [
        "that’s far too much for us",
        "hat’s too much for us",  # half a word
        "too much for u",
        "works. Please we promised",
        "for us. Saturday",  # over two turns
        "",
        "…",
        "Would Saturday suit",  # the academy's
    ],
)
def test_e2_what_the_family_did_not_say_is_dropped_and_counted(quote: str) -> None:
    kept, dropped = checked(financial_signals=mentions(FEE, quote))

    assert kept.financial_signals.mentions == (FEE,)
    assert dropped == {"mentions": 1}


def test_e2_the_words_must_be_of_whom_they_are_ascribed_to() -> None:
    promise = "We promised you the schedule"
    kept, dropped = checked(
        facts=[
            fact(promise, "academy"),
            fact(promise, "family"),
            fact(FEE, "academy"),
            fact(FEE, "family"),
            fact(FEE, "unknown"),
        ]
    )

    assert [(one.quote, one.speaker) for one in kept.facts] == [
        (promise, Speaker.ACADEMY),
        (FEE, Speaker.FAMILY),
    ]
    assert dropped == {"facts": 3}


@pytest.mark.parametrize("speaker", ["family", "academy", "unknown"])
def test_e2_an_unlabelled_call_may_be_anybodys(speaker: str) -> None:
    kept, dropped = checked("we would like to come on saturday", facts=[fact("like to come", speaker)])

    assert (len(kept.facts), dropped) == (1, {})


def test_e2_a_level_of_concern_without_a_word_about_cost_is_dropped() -> None:
    kept, dropped = checked(financial_signals=mentions("we lost everything"))

    assert kept.financial_signals.concern_level is Level.NONE
    assert dropped == {"mentions": 1, "concern_level": 1}


def test_e2_a_sign_up_and_a_refusal_need_their_words() -> None:
    kept, dropped = checked(
        signed_up={"quote": "sign us up", "value": True},
        opt_out={"quote": None, "verdict": "yes"},
    )

    assert (kept.signed_up.value, kept.opt_out.verdict) == (False, OptOut.NO)
    assert dropped == {"signed_up": 1, "opt_out": 1}


def test_e2_with_their_words_they_stand_as_they_were_said() -> None:
    kept, dropped = checked(
        signed_up={"quote": "saturday at ten thirty WORKS", "value": True},
        opt_out={"quote": "please stop calling my work email", "verdict": "unsure"},
    )

    assert (kept.signed_up.value, kept.signed_up.quote) == (True, "Saturday at ten-thirty works")
    assert kept.opt_out.verdict is OptOut.UNSURE
    assert kept.opt_out.quote == "Please stop calling my work e-mail"
    assert dropped == {}


def test_e2_a_no_needs_no_words_and_keeps_none() -> None:
    kept, dropped = checked(signed_up={"quote": FEE, "value": False}, opt_out={"quote": FEE, "verdict": "no"})

    assert (kept.signed_up.quote, kept.opt_out.quote, dropped) == (None, None, {})


def test_e1_a_suggestion_that_is_no_action_is_dropped_and_its_signal_stays() -> None:
    kept, dropped = checked(
        additional_signals=[signal(FEE, "scholarship_outreach"), signal("Saturday at ten", "give_it_away")]
    )

    assert [one.suggested_action for one in kept.additional_signals] == ["scholarship_outreach", None]
    assert dropped == {"suggested_action": 1}


def test_e2_every_list_is_checked() -> None:
    nobody = "said by nobody at all"
    kept, dropped = checked(
        open_questions=["Would Saturday suit", nobody],
        scheduling_constraints={"constraints": [nobody], "preferred_times": ["Saturday", nobody]},
        family_context={
            "siblings": [nobody],
            "decision_makers": [nobody],
            "household_notes": [nobody, nobody],
        },
        objections=[objection(FEE), objection(nobody)],
        additional_signals=[signal(nobody, None)],
    )

    assert dropped == {
        "open_questions": 1,
        "constraints": 1,
        "preferred_times": 1,
        "siblings": 1,
        "decision_makers": 1,
        "household_notes": 2,
        "objections": 1,
        "additional_signals": 1,
    }
    assert kept.open_questions == ("Would Saturday suit",)
    assert kept.scheduling_constraints.preferred_times == ("Saturday",)
    assert [one.quote for one in kept.objections] == [FEE]


def test_e2_accents_are_letters_whatever_they_are_made_of() -> None:
    apart = "Mama\u0301 dice que si\u0301"
    kept, dropped = checked(f"Parent: {apart}", open_questions=["mamá dice que sí"])

    assert (len(kept.open_questions), dropped) == (1, {})


@given(st.text(), st.text())
def test_e2_any_text_has_an_answer_and_what_is_kept_was_said(text: str, quote: str) -> None:
    turn = Turn(Speaker.FAMILY, text, 0)

    kept, dropped = grounded(said(open_questions=[quote]), (turn,))

    assert len(kept.open_questions) + dropped.get("open_questions", 0) == 1


@pytest.mark.parametrize("text", ["a" * 60_000, "ab " * 20_000, "a " * 30_000])
def test_e2_what_is_said_over_and_over_is_looked_up_soon(text: str) -> None:
    turn = Turn(Speaker.FAMILY, text, 0)
    quotes = ["ba" * (1 + number) for number in range(40)]
    began = time.process_time()

    _kept, dropped = grounded(said(open_questions=quotes), (turn,))

    assert dropped == {"open_questions": 40}
    assert time.process_time() - began < 20  # a patience: it takes a tenth of a second


def test_e2_the_rules_say_nothing_that_is_dropped() -> None:
    for one in golden("open"):
        read = extract(one.text, one.channel, one.direction)
        _kept, dropped = grounded(read, request(one.text, one.channel, one.direction).spoken)
        assert dropped == {}
