"""The golden set holds to its own rules: quotes are found and theirs, every class is there, both halves are alike."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from domain.extraction import Extraction
from domain.vocabulary import (
    Bucket,
    Channel,
    Intent,
    Level,
    OptOut,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    Status,
    TopicClass,
)
from tests.extraction.following import followed
from tests.extraction.golden import HALVES, Golden, Half, golden
from tests.extraction.golden import transcript as read_transcript
from tests.extraction.matching import QUOTED, numbers

SET = [one for half in HALVES for one in golden(half)]


def familys(said: Extraction[str]) -> list[str]:
    """Every quote that is to be the family's."""
    return [
        *(quote for read in QUOTED.values() for quote in read(said)),
        *(o.quote for o in said.objections),
        *(s.quote for s in said.additional_signals),
        *(f.quote for f in said.facts if f.speaker is Speaker.FAMILY),
        *(quote for quote in (said.signed_up.quote, said.opt_out.quote) if quote),
    ]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def of_each(find: Callable[[Golden], list[str]]) -> dict[int, list[str]]:
    """What is wrong, by the number of the interaction."""
    return {one.number: wrong for one in SET if (wrong := find(one))}


def test_quotes_stand_in_the_transcript_as_they_are() -> None:
    def astray(one: Golden) -> list[str]:
        academys = [f.quote for f in one.said.facts if f.speaker is Speaker.ACADEMY]
        quotes = familys(one.said) + academys + list(one.said.open_questions)
        return [q for q in quotes if not q.strip() or q not in squeezed(one.text)]

    assert of_each(astray) == {}


def test_quotes_are_by_whom_they_are_ascribed_to() -> None:
    def misattributed(one: Golden) -> list[str]:
        spoken = one.transcript.spoken
        academys = [f.quote for f in one.said.facts if f.speaker is Speaker.ACADEMY]
        asked = [q for q in one.said.open_questions if not spoken(q, Speaker.ACADEMY)]
        wrong = [q for q in familys(one.said) + asked if not spoken(q, Speaker.FAMILY)]
        return wrong + [q for q in academys if not spoken(q, Speaker.ACADEMY)]

    assert of_each(misattributed) == {}


def test_the_state_is_what_the_domain_makes_of_the_labels() -> None:
    became = {one.number: followed(one, one.said).state for one in SET}
    assert became == {one.number: one.state for one in SET}


FIRST = 242
"""Interactions of the first set, whose labels were gone through twice; those behind it wait for their second time."""


@pytest.mark.parametrize("one", SET, ids=lambda one: f"{one.half}-{one.number}")
def test_labels_do_not_contradict_each_other(one: Golden) -> None:
    said = one.said
    assert (said.opt_out.verdict is OptOut.NO) == (said.opt_out.quote is None)
    assert said.opt_out.verdict is not OptOut.YES or said.intent is Intent.DECLINING
    assert not said.signed_up.value or said.intent in {Intent.INTERESTED, Intent.SCHEDULING}
    assert said.intent is not Intent.NO_RESPONSE or familys(said) == []
    assert (said.financial_signals.concern_level is Level.NONE) == (said.financial_signals.mentions == ())
    topics = [o.topic_class for o in said.objections]
    assert len(set(topics)) == len(topics), "the domain keeps one objection of a class"
    assert [f.text for f in said.facts if not numbers(f.text) <= numbers(f.quote)] == []


@pytest.mark.parametrize("half", HALVES)
def test_odd_numbers_are_open_and_even_ones_put_aside(half: Half) -> None:
    found = golden(half)
    assert {one.number % 2 == 0 for one in found} == {half == "aside"}
    assert {one.reviewed for one in found if one.number <= FIRST} == {2}
    assert {one.reviewed for one in found} <= {1, 2}


def test_a_text_with_speaker_labels_has_one_on_every_line() -> None:
    labelled = [one for one in SET if one.file.startswith("threads")]
    assert len(labelled) >= 20
    assert {
        one.number for one in labelled if len(one.transcript.passages) < len(one.text.split("\n")) - 1
    } == set()
    calls = [one for one in SET if one.file.startswith("calls")]
    assert {
        one.number for one in calls if len(one.transcript.passages) < len(one.text.split("\n")) - 1
    } == set()


def test_numbers_run_on_and_no_text_comes_twice() -> None:
    for half, first in (("open", 1), ("aside", 2)):
        found = [one.number for one in SET if one.half == half]
        assert found == list(range(first, first + 2 * len(found), 2))
    assert len(SET) >= 170
    texts = Counter(one.text.strip() for one in SET if one.text.strip())
    assert [text for text, times in texts.items() if times > 1] == []


def test_lengths_are_those_of_calls_mails_and_messages() -> None:
    calls = [one for one in SET if one.channel is Channel.VOICE and 200 <= one.length <= 700]
    mails = [len(one.text.split()) for one in SET if one.channel is Channel.EMAIL]
    single = [len(one.text.split()) for one in SET if one.file.startswith("sms") and one.text]
    assert len(calls) >= 25
    assert 35 <= min(mails) <= max(mails) <= 250
    assert len([n for n in single if 3 <= n <= 30]) >= 80
    assert max(single) <= 30


Classes = Callable[[Golden], Iterable[str]]
EACH: list[tuple[str, Classes, Iterable[str], int]] = [
    ("intent", lambda g: [g.said.intent], Intent, 4),
    ("sentiment", lambda g: [g.said.sentiment], Sentiment, 12),
    ("concern", lambda g: [g.said.financial_signals.concern_level], Level, 2),
    ("opt-out", lambda g: [g.said.opt_out.verdict], OptOut, 2),
    ("topic", lambda g: [o.topic_class for o in g.said.objections], TopicClass, 1),
    ("severity", lambda g: [o.severity for o in g.said.objections], Severity, 1),
    ("addressed", lambda g: [str(o.addressed) for o in g.said.objections], ("True", "False"), 5),
    ("signal", lambda g: [s.signal_class for s in g.said.additional_signals], SignalClass, 1),
    ("urgency", lambda g: [s.urgency for s in g.said.additional_signals], Level, 3),
    ("bucket", lambda g: [g.state.partition(":")[2]], Bucket, 1),
    ("was", lambda g: [g.was], Status, 1),
    ("channel", lambda g: [g.channel], Channel, 15),
    ("signed up", lambda g: [str(g.said.signed_up.value)], ("True", "False"), 5),
    ("injection", lambda g: [str(g.said.injection)], ("True", "False"), 3),
    ("siblings", lambda g: [str(bool(g.said.family_context.siblings))], ("True", "False"), 5),
    ("pending", lambda g: [str(bool(g.said.family_context.decision_makers))], ("True", "False"), 5),
]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("classes", "names", "least"), [row[1:] for row in EACH], ids=[r[0] for r in EACH])
def test_every_class_is_in_both_halves(
    half: Half, classes: Classes, names: Iterable[str], least: int
) -> None:
    found = Counter(str(name) for one in SET if one.half == half for name in classes(one))
    assert {str(name): found[str(name)] for name in names if found[str(name)] < least} == {}


def test_no_opt_out_is_missed_for_want_of_examples() -> None:
    verdicts = Counter(one.said.opt_out.verdict for one in SET)
    assert verdicts[OptOut.YES] >= 25
    hard = [
        one for one in SET if one.said.opt_out.verdict is OptOut.NO and "stop" in one.text.lower().split()
    ]
    assert len(hard) >= 10


def test_a_misspelt_field_is_told_with_its_file_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.joinpath("x.toml").write_text(
        'reviewed = 2\n[[said]]\nid = 3\nvia = "sms inbound"\ntext = "hi"\nintent = "unclear"\n'
        'sentiment = "neutral"\nstate = "contacted:neutral"\nsigned = "hi"\n'
    )
    monkeypatch.setattr("tests.extraction.golden.HERE", tmp_path)
    with pytest.raises(ValueError, match=r"x\.toml, interaction 3: lacks or should not have \['signed'\]"):
        golden("open")


def test_a_text_without_labels_is_its_senders_until_the_line_that_is_named() -> None:
    entry = {
        "id": 1,
        "via": "email inbound",
        "text": "Yes.\n\nOn Monday you wrote:\nNo?",
        "until": "On Monday",
    }
    told = read_transcript(entry)
    assert told.spoken("Yes", Speaker.FAMILY)
    assert told.spans("No")
    assert not told.spoken("No", Speaker.FAMILY)
    with pytest.raises(ValueError, match="interaction 1: no line begins with 'On Sunday'"):
        read_transcript({**entry, "until": "On Sunday"})
