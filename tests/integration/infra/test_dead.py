"""`academy dead` over a real broker: each letter with its place and reason, and nothing that was said."""

import pytest

from infra.dead import NoLetter, letter, letters
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.broker import eventually, read, write
from tests.integration.runtime.loops import processing


def test_letters_are_told_with_place_source_and_reason(settings: Settings) -> None:
    assert letters(settings) == []
    record = encode("interactions", given.recorded_lead())
    write(settings, "interactions", (b"fam-1", b"no frame"), (b"+1 312 555 0199", record), partition=0)
    with processing(settings):
        eventually(lambda: len(read(settings, "extractor.dead")) == 2, "both are set aside")

    first, second = (each.letter for each in letters(settings))

    assert (first.place, first.source, first.key) == (
        "extractor/0/0",
        f"{settings.topic('interactions')}/0/0".removeprefix(settings.topic_prefix),
        "fam-1",
    )
    assert (first.error, first.reason) == (
        "Undecodable",
        "no Confluent frame in 8 bytes on interactions; expected 0x00 and an id",
    )
    assert second.key is None
    assert "key on interactions is not the event's own lead_id" in second.reason
    assert letter(settings, first.place) == first


@pytest.mark.parametrize("place", ["extractor/0/7", "nobody/0/0", "extractor"])
def test_a_place_without_a_letter_is_said_to_have_none(settings: Settings, place: str) -> None:
    with pytest.raises(NoLetter, match=f"there is no dead letter {place}; `academy dead list --all` shows"):
        letter(settings, place)
