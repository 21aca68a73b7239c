"""The scorer on small halves whose scores are known: all right, all wrong, one thing wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.extraction import Extraction, Fact, Family, OptOutSaid, SignUp, skipped
from domain.vocabulary import (
    Channel,
    Consent,
    Direction,
    ExtractionStatus,
    Intent,
    OptOut,
    Sentiment,
    Speaker,
    Status,
)
from tests.extraction import score
from tests.extraction.fields import is_changed, read
from tests.extraction.following import followed
from tests.extraction.golden import Golden, golden
from tests.extraction.labels import confusion
from tests.extraction.score import main
from tests.extraction.scores import as_json, scores
from tests.extraction.tables import page
from tests.extraction.timing import cost

OPEN = golden("open")
Change = Callable[[Extraction[str]], Extraction[str]]
NOTHING = skipped(ExtractionStatus.OK)


def half(change: Change, only: Callable[[Golden], bool] = lambda _: True) -> Any:
    told = [read(one, change(one.said) if only(one) else one.said) for one in OPEN]
    return as_json(scores("open", told), told)


def test_the_labels_themselves_score_all() -> None:
    found = half(lambda said: said)
    assert set(found["accuracy"].values()) == {1.0}
    assert set(found["macro_f1"].values()) == {1.0}
    assert (found["decision_level_rate"], found["misread"]) == (0.0, {})
    for tally in (*found["items"].values(), *found["objections"].values(), found["signals"]):
        assert (tally["recall"], tally["precision"], tally["hallucination"]) == (1.0, 1.0, 0.0)
    assert set(found["agreement"].values()) == {1.0}


def test_an_adapter_that_says_nothing_omits_all_and_makes_nothing_up() -> None:
    found = half(lambda said: NOTHING)
    for tally in (*found["items"].values(), found["objections"]["all"], found["signals"]):
        assert (tally["omission"], tally["hallucination"], tally["said"]) == (1.0, None, 0)
    label = found["per_class"]["opt_out"]["yes"]
    assert (label["recall"], label["precision"]) == (0.0, None)
    assert found["decision_level_rate"] > 0.5


def test_what_is_made_up_is_told_apart_from_what_the_rep_said() -> None:
    promise = next(f for one in OPEN for f in one.said.facts if f.speaker is Speaker.ACADEMY)
    where = next(one for one in OPEN if promise in one.said.facts)
    wrong = (replace(promise, speaker=Speaker.FAMILY), Fact("x", "words that nobody said", Speaker.FAMILY))
    found = half(lambda said: replace(said, facts=said.facts + wrong), lambda one: one is where)["items"][
        "facts"
    ]
    assert (found["ungrounded"], found["misattributed"], found["omission"]) == (1, 1, 0.0)
    assert found["said"] == found["right"] + 2


def test_one_wrong_intent_moves_accuracy_the_state_and_the_decision_level_rate() -> None:
    one = next(o for o in OPEN if o.said.intent is Intent.SCHEDULING and o.was is Status.CONTACTED)
    found = half(lambda said: replace(said, intent=Intent.UNCLEAR), lambda other: other is one)
    assert found["accuracy"]["intent"] == pytest.approx(1 - 1 / len(OPEN))
    assert found["decision_level_rate"] == pytest.approx(1 / len(OPEN))
    assert found["misread"][one.number]["intent"] == ["scheduling", "unclear"]
    assert found["misread"][one.number]["status"] == ["trial", "contacted"]
    assert found["accuracy"]["opt_out"] == 1.0


def test_an_error_that_changes_no_decision_is_none_at_that_level() -> None:
    one = next(o for o in OPEN if o.said.facts and o.said.intent is Intent.SCHEDULING)
    assert not is_changed(read(one, replace(one.said, facts=(), open_questions=())))
    assert is_changed(read(one, replace(one.said, opt_out=OptOutSaid(OptOut.UNSURE, "x"))))


def test_what_follows_is_what_the_domain_does() -> None:
    one = next(o for o in OPEN if o.was is Status.CONTACTED)
    signs = replace(NOTHING, intent=Intent.INTERESTED, signed_up=SignUp(value=True, quote="x"))
    assert followed(one, signs).state == "enrolled:neutral"
    warm = replace(NOTHING, intent=Intent.INTERESTED, sentiment=Sentiment.POSITIVE)
    assert followed(one, warm).state == "interested:positive_engagement"
    pending = replace(NOTHING, intent=Intent.UNCLEAR, family_context=Family(decision_makers=("x",)))
    assert followed(one, pending).state == "contacted:family_context"
    gone = replace(NOTHING, intent=Intent.DECLINING, opt_out=OptOutSaid(OptOut.YES, "x"))
    assert followed(one, gone).consent is Consent.OPTED_OUT
    assert followed(one, gone).action == "stop"


def test_macro_f1_by_hand() -> None:
    found = confusion([("a", "a"), ("a", "b"), ("b", "b"), ("c", "c")])
    assert found.label("a").precision == 1.0
    assert found.label("a").recall == 0.5
    assert found.label("a").f1 == pytest.approx(2 / 3)
    assert found.macro_f1(["a", "b", "c", "never"]) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found.accuracy == 0.75
    assert confusion([("a", "z")]).macro_f1(["a", "z"]) == 0.0


def test_of_the_half_put_aside_nothing_is_told_but_figures() -> None:
    told = [read(one, NOTHING) for one in golden("aside")]
    found = scores("aside", told)
    assert "misread" not in as_json(found, told)
    assert len(page("x", found).splitlines()) == len(page("x", scores("open", told)).splitlines())
    words = {word for one in told for word in one.golden.text.split() if len(word) > 12}
    assert not words & set(page("x", found).split())


def test_e7_every_half_is_scored_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, Channel, Direction]] = []

    def silent(text: str, channel: Channel, direction: Direction) -> Extraction[str]:
        asked.append((text, channel, direction))
        return NOTHING

    monkeypatch.setattr(score, "BUILD", tmp_path)
    monkeypatch.setattr(score, "extract", silent)
    main(["offline"])
    written = json.loads(tmp_path.joinpath("offline.json").read_text("utf-8"))
    assert set(written) == {"open", "aside", "cost"}
    assert written["open"]["interactions"] == len(OPEN)
    assert "half `open`" in (said := capsys.readouterr().out)
    assert "half `aside`" in said
    assert {(one.text, one.channel, one.direction) for one in OPEN} <= set(asked)


def test_time_is_by_words_of_calls_and_by_single_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr("tests.extraction.timing.time.process_time", lambda: next(clock))  # 1 s a text
    found = cost(lambda *_: NOTHING, OPEN)
    calls = [one for one in OPEN if one.channel is Channel.VOICE and one.length >= 200]
    words = sum(len(one.text.split()) for one in calls)
    assert found.call_ms == pytest.approx(1000 * len(calls) * 600 / words)
    assert found.sms_ms == 1000
