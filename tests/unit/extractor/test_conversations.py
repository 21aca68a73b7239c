"""SMS of a conversation through the extractor: passed on at once, read together, sealed for the last of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.acts import ErasureTold
from domain.events import ConversationEnriched, InteractionEnriched, InteractionRecorded, Tick
from domain.extraction import Extraction, skipped, with_texts
from domain.threads import Thread
from domain.vocabulary import Channel, Direction, ExtractionStatus, Flushed, Intent
from extractor.offline_model import extract
from extractor.reading import Readers
from extractor.refold import refolding
from extractor.service import build
from runtime.driver import Driver
from schemas.sealed import seal, unseal
from schemas.topics import TICK_KEY
from tests import given
from tests.keyring import MemoryKeys

ASKS = "Is there still a place for Mia?"
BOOKS = "Perfect. Can we book a visit for Saturday at ten?"


class Phone:
    """One household that writes, and the extractor that hears it; `read` is every text that was read."""

    def __init__(self) -> None:
        self.keys, self.read = MemoryKeys(), list[str]()
        self.extractor: Driver[Thread] = Driver(build(self.keys, Readers(rules=self._heard)))
        self.told: list[tuple[str, Any]] = []

    def _heard(self, text: str, channel: Channel, direction: Direction) -> Extraction[str]:
        self.read.append(text)
        return extract(text, channel, direction)

    def sms(self, minutes: float, ordinal: int, words: str | None, **changes: Any) -> list[Any]:
        """What the extractor writes when a message comes."""
        at = given.later(minutes=minutes)
        inbound = {"direction": Direction.INBOUND, **changes}
        event = given.recorded(at, ordinal, channel=Channel.SMS, buffered=True, **inbound)
        if words is not None:
            key = self.keys.of(f"fam-1/g/{event.guardian_id}")
            event = replace(event, transcript=seal(key, event.event_id, "transcript", words))
        return self.tell("fam-1", event)

    def pass_to(self, minutes: float) -> list[Any]:
        return self.tell(TICK_KEY, Tick(given.later(minutes=minutes)))

    def tell(self, key: str, event: Any) -> list[Any]:
        self.told.append((key, event))
        return [each.value for each in self.extractor.send(key, event) if each.topic == "enriched"]

    def opened(self, event: ConversationEnriched) -> Extraction[str]:
        def text(field: str, box: Any) -> str:
            key = self.keys.by_id(box.key_id)
            assert key is not None
            return unseal(key, field, box)

        return with_texts(event.extraction, text)


def talks(written: Sequence[Any]) -> list[ConversationEnriched]:
    return [event for event in written if isinstance(event, ConversationEnriched)]


def test_t1_each_message_is_passed_on_at_once_and_nothing_is_read_yet() -> None:
    phone = Phone()
    (waits,) = phone.sms(0, 1, ASKS)

    assert isinstance(waits, InteractionEnriched)
    assert (waits.buffered, waits.extraction.status) == (True, ExtractionStatus.SKIPPED)
    assert phone.read == []


def test_t1_they_are_read_together_once_it_is_quiet() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    phone.sms(1, 2, "Yes!\nThere is.", direction=Direction.OUTBOUND)
    phone.sms(2, 3, BOOKS)
    assert talks(phone.pass_to(6.9)) == []
    tick, talk = phone.pass_to(7)

    assert phone.read == [f"Parent: {ASKS}\nAcademy: Yes! There is.\nParent: {BOOKS}"]
    assert (talk.why, talk.recorded_at) == (Flushed.QUIET, tick.recorded_at)
    assert [part.event_id for part in talk.parts] == [f"interaction-{number}" for number in (1, 2, 3)]
    assert talk.extraction.intent is Intent.SCHEDULING
    assert talk.occurred_at == given.NOON
    assert talks(phone.pass_to(60)) == []


def test_what_was_read_is_sealed_for_the_last_message_under_the_key_of_who_wrote() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    (ours,) = talks(phone.sms(1, 2, BOOKS, urgent=True))
    quotes = [one.quote for one in phone.opened(ours).facts]
    boxes = [one.quote for one in ours.extraction.facts] + list(ours.extraction.open_questions)

    assert {box.event_id for box in boxes} == {"interaction-2"}
    assert {box.key_id for box in boxes} == {phone.keys.of("fam-1/g/g1").key_id}
    assert all(quote in ASKS + BOOKS for quote in quotes)


def test_one_message_alone_is_read_as_it_was_written() -> None:
    phone = Phone()
    phone.sms(0, 1, "STOP", urgent=True)

    assert phone.read == ["STOP"]


@pytest.mark.parametrize("direction", Direction)
def test_our_own_messages_alone_are_read_by_nobody(direction: Direction) -> None:
    phone = Phone()
    phone.sms(0, 1, "See you on Saturday!", direction=direction)
    (talk,) = talks(phone.pass_to(6))

    assert bool(phone.read) is (direction is Direction.INBOUND)
    assert (talk.extraction.status is ExtractionStatus.SKIPPED) is (direction is Direction.OUTBOUND)


def test_messages_whose_key_is_destroyed_are_left_out_and_without_any_the_reading_failed() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    phone.keys.destroyed.add(phone.keys.of("fam-1/g/g1").key_id)
    (talk,) = talks(phone.pass_to(6))

    assert (phone.read, talk.extraction.status) == ([], ExtractionStatus.FAILED)


def test_a5_nothing_that_waits_is_read_after_the_household_is_forgotten() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    at = given.later(minutes=1)
    phone.tell("fam-1", ErasureTold("gone", "fam-1", at, at, None, "desk", b"gone"))

    assert talks(phone.pass_to(60)) == []
    assert phone.read == []


def test_a5_of_one_person_what_waits_is_forgotten_and_a_child_takes_nothing_with_it() -> None:
    for subject, left in (("g/g1", 0), ("g/g2", 1), ("c/g1", 1)):
        phone = Phone()
        phone.sms(0, 1, ASKS)
        at = given.later(minutes=1)
        phone.tell("fam-1", ErasureTold("gone", "fam-1", at, at, subject, "desk", b"gone"))

        assert len(talks(phone.pass_to(60))) == left


def test_t2_a_doubt_of_ingest_has_the_conversation_read_at_once() -> None:
    phone = Phone()
    event: Any = given.recorded(given.NOON).opt_out
    unsure = type(event)("unsure")
    waits, talk = phone.sms(0, 1, "do not know about these texts", opt_out=unsure)

    assert (waits.opt_out, talk.why) == (unsure, Flushed.URGENT)


def test_a_repeated_message_is_read_once() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    phone.sms(1, 1, ASKS)
    (talk,) = talks(phone.pass_to(6))

    assert [part.event_id for part in talk.parts] == ["interaction-1"]


def test_state_folded_anew_is_the_one_that_was_kept_without_a_key_or_a_reader() -> None:
    phone = Phone()
    for minute, words in enumerate([ASKS, None, BOOKS, ASKS, BOOKS, ASKS, ASKS, BOOKS]):
        phone.sms(minute, minute, words, urgent=words is None)
    phone.pass_to(11)
    phone.sms(30, 20, ASKS)
    again: Driver[Thread] = Driver(refolding())
    for key, event in phone.told:
        again.send(key, event)

    kept = phone.extractor.partition.get("fam-1")
    assert kept is not None
    assert len(kept.waiting) == 1
    assert again.partition.get("fam-1") == kept
    assert again.partition.emits == []


def test_what_is_no_sms_of_a_conversation_is_read_at_once_though_others_wait() -> None:
    phone = Phone()
    phone.sms(0, 1, ASKS)
    call = given.recorded(given.later(minutes=1), 2)
    (told,) = phone.tell("fam-1", call)

    assert isinstance(call, InteractionRecorded)
    assert (told.buffered, told.extraction) == (False, with_texts(skipped(), lambda _f, text: text))
