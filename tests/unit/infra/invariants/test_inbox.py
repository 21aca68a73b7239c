"""Every message of `inbox` that ingest has committed is an event or a dead letter: its part of I1."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from domain.events import InteractionRecorded
from domain.offers import Offered
from infra.invariants.answers import no_loss
from infra.invariants.history import History
from infra.invariants.inbox import offered, unaccepted
from runtime.transform import Message
from schemas.codec import encode
from tests import given
from tests.unit.infra.invariants.complete import complete
from tests.unit.infra.invariants.test_invariants import Recorder, broken, with_entries, with_record
from tests.unit.ingest.offers import interaction

OWN = "0198C5C2-6F3A-7C11-9D1E-8A6A3F0B7D42"
NOW = datetime.now(UTC).replace(microsecond=0)
ASIDE = ("inbox", 0, 3)


class Told(Recorder):
    """The flow from `inbox` on, with every message of it."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def put(self, data: bytes) -> None:
        message = Message("inbox", 0, len(self.messages), b"fam-1", data, [], NOW)
        self.messages.append(message)
        for each in self.inbox.send_bytes(b"fam-1", data, NOW):
            if each.topic == "interactions":
                self.send(each.value)

    def offered(self, said: Offered) -> None:
        self.put(encode("inbox", said))

    def picture(self) -> History:
        entries = [entry for each in self.messages if (entry := offered(each)) is not None]
        found = with_entries(self.history(), "inbox", entries)
        return replace(found, dead=found.dead + Counter([ASIDE]))


@pytest.fixture(scope="module")
def flow() -> Told:
    """One with an id of its own, told twice; one without; bytes that are none."""
    flow = Told()
    flow.send(given.recorded_lead())
    flow.offered(call(event_id=OWN))
    flow.offered(call(event_id=OWN))
    flow.offered(call())
    flow.put(b"nonsense")
    return flow


@pytest.fixture(scope="module")
def told(flow: Told) -> History:
    return complete(flow.picture())


def call(**more: Any) -> Offered:
    return interaction(lead_id="fam-1", occurred_at=NOW.isoformat(), **more)


def lost(history: History) -> list[int]:
    """Offsets of the messages of which nothing came."""
    return [each.offset for each in unaccepted(history)]


def without(history: History, *ordinals: int) -> History:
    """As if the events of these messages had never been written."""
    events = [each for each in history.of("interactions") if isinstance(each.value, InteractionRecorded)]
    gone = [events[ordinal] for ordinal in ordinals]
    kept = [each for each in history.of("interactions") if each not in gone]
    return replace(history, entries={**history.entries, "interactions": kept})


def test_everything_holds(told: History) -> None:
    assert broken(told) == set()
    assert [each.offset for each in told.of("inbox")] == [0, 1, 2, 3]
    assert [each.offset for each in told.of("inbox") if each.value is None] == [3]
    assert told.waiting == 0


@pytest.mark.parametrize(
    ("damage", "offsets"),
    [
        pytest.param(lambda told: without(told, 2), [2], id="one without an id"),
        pytest.param(lambda told: without(told, 0), [1], id="one of two under one id"),
        pytest.param(lambda told: without(told, 0, 1), [0, 1], id="both of them"),
        pytest.param(lambda told: replace(told, dead=Counter()), [3], id="a dead letter"),
    ],
)
def test_i1_what_was_lost_is_told(
    told: History, damage: Callable[[History], History], offsets: list[int]
) -> None:
    damaged = damage(told)

    assert lost(damaged) == offsets
    assert [each.offset for each in no_loss(damaged) if each.topic == "inbox"] == offsets
    assert lost(told) == []


def test_i1_is_told_by_the_check(told: History) -> None:
    aside = replace(told, dead=Counter())

    assert broken(aside) == {"I1"}


def test_what_ingest_has_not_committed_is_not_due(told: History) -> None:
    waiting = replace(without(told, 2), settled={**told.settled, ("inbox", 0): 2})

    assert lost(waiting) == []
    assert waiting.waiting == 2


def test_a_letter_that_was_given_back_must_have_become_something(told: History) -> None:
    """It is an event under an id of its own, for the broker has it at another time."""
    again = Message("ingest.redrive", 0, 0, b"fam-1", encode("inbox", call()), [], NOW + timedelta(hours=1))
    anew = offered(again, ASIDE)
    assert anew is not None
    entries = {**told.entries, "inbox": [*told.of("inbox"), anew]}
    settled = {**told.settled, ("ingest.redrive", 0): 1}
    given_back = replace(told, entries=entries, redriven={("ingest.redrive", 0, 0): ASIDE})
    handled = replace(given_back, settled=settled)
    event = replace(given.recorded(), lead_id="fam-1", event_id=anew.value.event_id)

    assert lost(given_back) == []
    assert lost(handled) == [3]
    assert lost(with_record(handled, "interactions", "fam-1", event)) == []
    assert lost(replace(handled, dead=told.dead + Counter([ASIDE]))) == []


def test_beyond_its_day_nothing_is_known_of_a_message() -> None:
    message = Message("inbox", 0, 0, b"fam-1", encode("inbox", call()), [], NOW - timedelta(hours=25))

    assert offered(message) is None
    assert offered(msgspec.structs.replace(message, appended=NOW)) is not None


def test_no_word_of_an_offer_is_kept() -> None:
    said = call(transcript="Parent: My number is +1 312 555 0142.")
    entry = offered(Message("inbox", 0, 0, b"fam-1", encode("inbox", said), [], NOW))

    assert entry is not None
    assert "555" not in repr(entry)
