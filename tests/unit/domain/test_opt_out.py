"""T1, T2: refusals of all contact, and urgent words, against a table that a domain person can read."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.opt_out import opt_out, urgent
from domain.vocabulary import OptOut

EXAMPLES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("opt_out_examples.toml").read_text("utf-8")
)
TABLE = [(text, verdict) for verdict, texts in EXAMPLES.items() for text in texts]


@pytest.mark.parametrize(("text", "verdict"), TABLE)
def test_t2_words_have_their_verdict(text: str, verdict: str) -> None:
    assert opt_out(text) is OptOut(verdict)


@given(st.sampled_from(TABLE), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_t2_case_changes_nothing(example: tuple[str, str], change: object) -> None:
    text, verdict = example
    assert callable(change)
    assert opt_out(change(text)) is OptOut(verdict)


@given(st.sampled_from(TABLE), st.text(" \t\n\u00a0\u200b", max_size=5), st.text(" \t\n\u00a0", max_size=5))
def test_t2_space_around_changes_nothing(example: tuple[str, str], before: str, after: str) -> None:
    text, verdict = example
    assert opt_out(before + text + after) is OptOut(verdict)


@given(st.sampled_from(EXAMPLES["yes"]), st.sampled_from(["See you Saturday at ten", "Thanks for the call"]))
def test_t2_a_refusal_stands_beside_small_talk(refusal: str, talk: str) -> None:
    assert opt_out(f"{talk}.\n{refusal}") is not OptOut.NO


@pytest.mark.parametrize(
    "text",
    [
        "is there any way to be left off these mailings",
        "please end these notifications",
        "my late father's number should come out of your system",
    ],
)
def test_t2_what_no_phrase_knows_is_at_least_held(text: str) -> None:
    assert opt_out(text) is not OptOut.NO


@pytest.mark.parametrize(
    "text",
    [
        "don't stop sending these",
        "is there a bus stop by the field",
        "he quit soccer last year",
        "take us off the waitlist",
        "take me off snack duty this week",
        "please put me back on the list",
        "stop by the desk, there is a card for coach",
        "no more rain please",
        "lost my phone, new number below",
        "la parada del bus queda lejos",
    ],
)
def test_t2_near_misses_refuse_nothing(text: str) -> None:
    assert opt_out(text) is OptOut.NO


@given(st.text())
def test_t2_any_text_has_a_verdict(text: str) -> None:
    assert opt_out(text) in OptOut
    assert urgent(text) in {True, False}


@pytest.mark.parametrize(
    "piece", [" ", "stop ", "a", "do not ", "if you , ", "¡", "\n", "don't text, ", "take us ", "1:"]
)
def test_t2_time_is_linear(piece: str) -> None:
    def spent(length: int) -> float:
        text = piece * (length // len(piece))
        return min(_spent(text) for _ in range(3))

    assert spent(80_000) < 16 * spent(10_000) + 0.02  # 8 times the text; quadratic would be 64 times


def _spent(text: str) -> float:
    """CPU seconds: what else runs on the machine counts little."""
    start = time.process_time()
    opt_out(text)
    urgent(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    "text",
    [
        "Stop",
        "please UNSUBSCRIBE us",
        "remove me",
        "Do not contact us",
        "I want to sign up",
        "Sign-up link?",
        "enroll her",
        "register today",
        "We're ready to start!",
        "schedule",
        "book it",
        "an appointment",
        "visit?",
        "TOUR",
        "urgent",
        "ASAP",
        "call me immediately",
    ],
)
def test_t1_urgent_words_are_found(text: str) -> None:
    assert urgent(text)


@pytest.mark.parametrize(
    "text",
    ["", "sounds good", "booked solid", "nonstop fun", "the tourist", "rescheduled?", "sign here", "revisit"],
)
def test_t1_other_words_are_not_urgent(text: str) -> None:
    assert not urgent(text)
