"""What `academy check` reads of `inbox`, on a real broker: all is there, until a message is passed over."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import TopicPartition

from infra.invariants.answers import no_loss
from infra.invariants.history import History
from infra.invariants.reading import read
from infra.redrive import Choice, redrive
from ingest.inbox import build
from runtime import clients
from runtime.errors import Rejected
from runtime.settings import Settings
from runtime.transform import Transform
from schemas.codec import encode
from tests.broker import eventually, running, write
from tests.keyring import MemoryKeys
from tests.unit.ingest.offers import interaction

KEY = b"fam-1"


def call() -> bytes:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    return encode("inbox", interaction(lead_id="fam-1", occurred_at=now))


def lost(history: History) -> list[int]:
    return [each.offset for each in no_loss(history) if each.topic == "inbox"]


def waits(history: History) -> int:
    return sum(not history.is_settled(each) for each in history.of("inbox"))


def handled(settings: Settings, count: int) -> History:
    """What is read once so many messages, and all redriven ones, are committed."""

    def found() -> History | None:
        history = read(settings)
        settled = not waits(history) and not history.returning()
        return history if settled and len(history.of("inbox")) >= count else None

    history = eventually(found, "ingest has caught up")
    assert isinstance(history, History)
    return history


def broken(keys: MemoryKeys) -> Transform[None]:
    """A release that sets the second message aside."""
    plain = build(keys)

    def handle(state: None, record: Any) -> Any:
        if record.offset == 1:
            raise Rejected("an error of this release")
        return plain.handle(state, record)

    return replace(plain, handle=handle)


def test_i1_a_message_of_inbox_that_is_passed_over_is_told(settings: Settings) -> None:
    keys = MemoryKeys()
    with running(broken(keys), settings):
        write(settings, "inbox", (KEY, call()), (KEY, call()), (KEY, call()))
        assert lost(handled(settings, 3)) == []
    redrive(settings, Choice(group="ingest"))
    assert lost(read(settings)) == []
    with running(build(keys), settings):
        mended = handled(settings, 4)
        assert (lost(mended), len(mended.of("interactions"))) == ([], 3)
    write(settings, "inbox", (KEY, call()))
    waiting = read(settings)
    assert (lost(waiting), waits(waiting)) == ([], 1)

    passed_over(settings, waiting.of("inbox")[0].partition, 4)

    assert lost(read(settings)) == [3]


def passed_over(settings: Settings, partition: int, offset: int) -> None:
    """As an ingest would that commits what it has not written."""
    member = clients.member(settings, "ingest")
    member.commit(offsets=[TopicPartition(settings.topic("inbox"), partition, offset)], asynchronous=False)
    member.close()
