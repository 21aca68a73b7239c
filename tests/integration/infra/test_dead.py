"""`academy dead` over a real broker: letters with place and reason, and what redriving and discarding leave there."""

from collections.abc import Sequence
from typing import Any

import pytest

from infra import redrive as module
from infra.dead import Kept, NoLetter, letter, letters
from infra.redrive import Choice, Refused, discard, redrive
from runtime.errors import Fenced
from runtime.settings import Settings
from runtime.transform import Message
from schemas.codec import encode
from tests import given
from tests.broker import eventually, read, write
from tests.integration.runtime.loops import processing

RECORD = encode("interactions", given.recorded_lead())


@pytest.fixture
def aside(settings: Settings) -> Settings:
    """Three letters of the extractor: two of one partition, one of the other."""
    write(settings, "interactions", (b"fam-1", b"no frame"), (b"+1 312 555 0199", RECORD), partition=0)
    write(settings, "interactions", (b"fam-2", None), partition=1)
    with processing(settings):
        eventually(lambda: len(read(settings, "extractor.dead")) == 3, "all are set aside")
    return settings


def places(found: Sequence[Kept]) -> list[str]:
    return [each.letter.place for each in found]


def states(settings: Settings) -> dict[str, str]:
    return {each.letter.place: each.letter.state for each in letters(settings)}


def bytes_of(message: Message) -> tuple[Any, ...]:
    return message.partition, message.key, message.value


def test_letters_are_told_with_place_source_and_reason(aside: Settings) -> None:
    first, second, third = (each.letter for each in letters(aside))

    assert (first.place, first.source, first.key, first.state) == (
        "extractor/0/0",
        "interactions/0/0",
        "fam-1",
        "waiting",
    )
    assert (first.error, first.reason) == (
        "Undecodable",
        "no Confluent frame in 8 bytes on interactions; expected 0x00 and an id",
    )
    assert second.key is None
    assert "key on interactions is not the event's own lead_id" in second.reason
    assert (third.place, third.state) == ("extractor/1/0", "waiting")
    assert letter(aside, first.place) == first


@pytest.mark.parametrize("place", ["extractor/0/7", "nobody/0/0", "extractor"])
def test_a_place_without_a_letter_is_said_to_have_none(settings: Settings, place: str) -> None:
    with pytest.raises(NoLetter, match=f"there is no dead letter {place}; `academy dead list --all` shows"):
        letter(settings, place)


def test_a_redriven_letter_stands_beside_as_it_is_and_goes_once(aside: Settings) -> None:
    tried = redrive(aside, Choice(), dry_run=True)
    assert len(tried.moved) == 3
    assert read(aside, "extractor.redrive") == []

    done = redrive(aside, Choice(("extractor/1/0", "extractor/0/1")))

    assert places(done.moved) == ["extractor/0/1", "extractor/1/0"]
    dead = {(each.partition, each.offset): each for each in read(aside, "extractor.dead")}
    again = read(aside, "extractor.redrive")
    assert [bytes_of(each) for each in again] == [bytes_of(dead[0, 1]), bytes_of(dead[1, 0])]
    assert [each.headers for each in again] == [
        [*dead[0, 1].headers, ("redrive-letter", b"extractor/0/1")],
        [*dead[1, 0].headers, ("redrive-letter", b"extractor/1/0")],
    ]
    assert again[1].value is None, "no value stays none"
    assert states(aside) == {
        "extractor/0/0": "waiting",
        "extractor/0/1": "redriven",
        "extractor/1/0": "redriven",
    }
    with pytest.raises(Refused, match="extractor/0/1: it was redriven before; nothing was moved"):
        redrive(aside, Choice(("extractor/0/0", "extractor/0/1")))
    with pytest.raises(Refused, match="it was redriven before"):
        discard(aside, Choice(("extractor/0/1",)))
    assert places(redrive(aside, Choice()).moved) == ["extractor/0/0"]
    assert redrive(aside, Choice()).moved == []
    assert len(read(aside, "extractor.redrive")) == 3


def test_a_discarded_letter_waits_no_longer_and_its_note_is_no_letter(aside: Settings) -> None:
    assert len(discard(aside, Choice(), dry_run=True).moved) == 3
    assert len(read(aside, "extractor.dead")) == 3

    discard(aside, Choice(("extractor/0/1",)))

    note = read(aside, "extractor.dead")[2]
    assert (note.partition, note.key, note.value) == (0, b"+1 312 555 0199", None)
    assert note.headers == [("dead-discards", b"extractor/0/1")]
    assert states(aside) == {
        "extractor/0/0": "waiting",
        "extractor/0/1": "discarded",
        "extractor/1/0": "waiting",
    }
    with pytest.raises(Refused, match="it was discarded before"):
        redrive(aside, Choice(("extractor/0/1",)))
    assert places(redrive(aside, Choice(group="extractor")).moved) == ["extractor/0/0", "extractor/1/0"]


def test_a_second_operator_ends_the_first_and_no_letter_goes_twice(
    aside: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second takes over while the first has read and not written yet, from a shell with another slot."""
    second: list[Any] = []

    def read_slowly(settings: Settings, groups: tuple[str, ...]) -> list[Kept]:
        found = letters(settings, groups)
        monkeypatch.setattr(module, "letters", letters)
        second.append(redrive(aside.model_copy(update={"slot": 3}), Choice(("extractor/0/0",))))
        return found

    monkeypatch.setattr(module, "letters", read_slowly)
    with pytest.raises(Fenced, match="another operator redrives or discards just now"):
        redrive(aside, Choice())

    assert places(second[0].moved) == ["extractor/0/0"]
    assert [dict(each.headers)["redrive-letter"] for each in read(aside, "extractor.redrive")] == [
        b"extractor/0/0"
    ]
