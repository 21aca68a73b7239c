"""Which dead letters a choice comes to, what is refused and with which sentence, and the records that are written."""

from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli.app import app
from infra.dead import Kept, Letter, NoLetter
from infra.redrive import (
    BATCH,
    BYTES,
    Choice,
    Plan,
    Refused,
    batches,
    discard,
    discarding,
    not_discardable,
    not_redrivable,
    plan,
    redrive,
    redriving,
)
from runtime.settings import Settings
from runtime.transform import Emit, Message

PLAIN = Letter(
    group="decider",
    partition=1,
    offset=0,
    source="enriched/1/7",
    event="interaction",
    key="fam-1",
    error="Rejected",
    reason="an action is one of …",
    size=12,
    state="waiting",
    left_out=False,
)


def kept(offset: int, **changes: Any) -> Kept:
    letter = replace(PLAIN, offset=offset, **changes)
    headers = [("event-type", b"interaction"), ("dead-topic", b"enriched"), ("dead-class", b"Rejected")]
    return Kept(letter, Message(f"{letter.group}.dead", 1, offset, b"fam-1", b"bytes", headers, None))


FOUND = [
    kept(0, group="extractor", error="Undecodable", event=None),
    kept(0),
    kept(1, event="lead"),
    kept(2, state="redriven"),
    kept(3, state="discarded"),
    kept(4, left_out=True),
    kept(0, group="learner"),
    kept(0, group="projections"),
]


def moved(found: Plan) -> list[str]:
    return [each.letter.place for each in found.moved]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        (Choice(), ["extractor/1/0", "decider/1/0", "decider/1/1"]),
        (Choice(group="decider"), ["decider/1/0", "decider/1/1"]),
        (Choice(error="Undecodable"), ["extractor/1/0"]),
        (Choice(event="lead"), ["decider/1/1"]),
        (Choice(group="extractor", event="lead"), []),
        (Choice(("decider/1/1", "extractor/1/0", "decider/1/1")), ["extractor/1/0", "decider/1/1"]),
        (Choice(("decider/1/1", "extractor/1/0"), event="lead"), ["decider/1/1"]),
    ],
)
def test_a_choice_comes_to_letters_in_the_order_in_which_they_were_set_aside(
    choice: Choice, wanted: list[str]
) -> None:
    assert moved(plan(FOUND, choice, not_redrivable)) == wanted


def test_what_fits_and_cannot_be_redriven_stays_with_its_reason() -> None:
    left = {letter.place: why for letter, why in plan(FOUND, Choice(), not_redrivable).left}

    assert left.keys() == {"decider/1/4", "learner/1/0", "projections/1/0"}
    assert left["decider/1/4"].startswith("its bytes were too large to be kept")
    assert "`academy state rebuild`" in left["learner/1/0"]
    assert "`academy groups rewind projections --to earliest`" in left["projections/1/0"]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("decider/1/2", "it was redriven before"),
        ("decider/1/3", "it was discarded before"),
        ("decider/1/4", "its bytes were too large to be kept with it: have its sender tell it again"),
        ("learner/1/0", "a fold of the log in one order: after the mend run `academy state rebuild`"),
        ("projections/1/0", "run `academy groups rewind projections --to earliest`"),
    ],
)
def test_a_named_letter_that_cannot_be_redriven_refuses_all(place: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(FOUND, Choice(("decider/1/0", place)), not_redrivable)

    assert str(refused.value).startswith(f"{place}: ")
    assert why in str(refused.value)
    assert str(refused.value).endswith("nothing was moved")


@pytest.mark.parametrize(("place", "state"), [("decider/1/2", "redriven"), ("decider/1/3", "discarded")])
def test_what_is_settled_is_not_discarded(place: str, state: str) -> None:
    with pytest.raises(Refused, match=f"{place}: it was {state} before"):
        plan(FOUND, Choice((place,)), not_discardable)


def test_any_letter_that_waits_can_be_discarded() -> None:
    waiting = [each.letter.place for each in FOUND if each.letter.state == "waiting"]

    assert moved(plan(FOUND, Choice(), not_discardable)) == waiting
    assert len(waiting) == 6


def test_a_place_without_a_letter_is_said_to_have_none() -> None:
    with pytest.raises(NoLetter, match="there is no dead letter decider/1/9"):
        plan(FOUND, Choice(("decider/1/0", "decider/1/9")), not_redrivable)


@pytest.mark.parametrize("group", ["learner", "projections"])
def test_groups_whose_letters_come_back_by_another_way_are_refused(group: str) -> None:
    with pytest.raises(
        Refused, match=f"letters of {group} are not redriven: .* after the mend run `academy "
    ):
        redrive(Settings(), Choice(group=group))


@pytest.mark.parametrize("act", [redrive, discard])
def test_a_group_that_is_none_is_named_with_those_that_are(act: Any) -> None:
    with pytest.raises(Refused, match="api sets nothing aside; those that do are ingest, extractor, decider"):
        act(Settings(), Choice(group="api"))


def test_a_redriven_record_is_the_letter_with_its_place_in_one_more_header() -> None:
    each = FOUND[1]

    emit = redriving(each)

    assert emit == Emit(
        "decider.redrive",
        1,
        b"fam-1",
        b"bytes",
        [*each.record.headers, ("redrive-letter", b"decider/1/0")],
    )


def test_a_discarded_letter_has_a_note_beside_it() -> None:
    headers = [("dead-discards", b"decider/1/0")]

    assert discarding(FOUND[1]) == Emit("decider.dead", 1, b"fam-1", None, headers)


def test_a_transaction_is_kept_short() -> None:
    small, large = (
        Emit("decider.redrive", 0, b"k", b"v", []),
        Emit("decider.redrive", 0, b"k", bytes(BYTES), []),
    )

    assert [len(batch) for batch in batches([small] * (BATCH + 1))] == [BATCH, 1]
    assert [len(batch) for batch in batches([small, large, small, large])] == [2, 2]
    assert list(batches([])) == []


@pytest.mark.parametrize("act", ["redrive", "discard"])
@pytest.mark.parametrize(
    ("given", "said"),
    [((), "say which letters: name places"), (("decider/1/0", "--all"), "name places, or give --all")],
)
def test_without_a_choice_nothing_is_done(act: str, given: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["dead", act, *given], env={"COLUMNS": "300"})

    assert done.exit_code == 2
    assert said in done.output
