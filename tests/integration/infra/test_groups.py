"""`academy groups` over a real broker: what waits is told with its age, and whose partitions are whose."""

import time

from infra.groups import Group, groups
from infra.state_age import TAIL, state_ages
from projections.migrate import upgrade
from runtime import clients
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.broker import events, eventually, write
from tests.integration.runtime.loops import processing

RECORD = given.recorded_lead()


def found(settings: Settings) -> dict[str, Group]:
    return {group.name: group for group in groups(settings)}


def test_what_waits_is_told_with_its_age_until_a_copy_has_handled_it(settings: Settings) -> None:
    assert settings.postgres is not None
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    write(settings, "interactions", (b"fam-1", encode("interactions", RECORD)), partition=0)

    before = found(settings)["extractor"]
    with processing(settings):
        eventually(lambda: events(settings, "enriched"), "the answer")
        during = found(settings)
    after = during["extractor"]

    waiting = next(place for place in before.places if place.partition == 0)
    assert (before.members, waiting.next_offset, waiting.lag) == ((), None, 1)
    assert waiting.behind_s is not None
    assert 0 <= waiting.behind_s < 120
    assert [place.behind_s for place in after.places] == [None] * 4
    assert [place.topic for place in after.places[2:]] == ["extractor.redrive"] * 2
    assert (after.state, len(after.members)) == ("stable", 1)
    assert after.members[0].partitions == tuple(
        f"{settings.topic('interactions')}/{number}" for number in (0, 1)
    )
    assert during["decider"].places[0].lag + during["decider"].places[1].lag > 0
    assert during["projections"].places[0].next_offset is None
    assert before.state_age_s == {0: None, 1: None}
    age = after.state_age_s[0]
    assert age is not None
    assert 0 <= age < 120
    assert during["projections"].state_age_s == {}


def test_the_age_of_a_state_is_that_of_its_last_committed_record(settings: Settings) -> None:
    """Neither marks of transactions nor what was aborted make it younger, however many there are."""
    write(settings, "leads", (b"fam-1", b"state"), partition=0)
    written = time.monotonic()
    producer = clients.transactional(settings, "decider")
    producer.init_transactions(10)
    for _turn in range(TAIL):
        producer.begin_transaction()
        producer.produce(settings.topic("leads"), b"state", b"fam-1", 0)
        producer.flush(10)
        producer.abort_transaction(10)
    aborted_s = time.monotonic() - written
    reader = clients.reader(settings)

    found = state_ages(settings, reader, "leads")
    reader.close()

    assert found[1] is None
    assert found[0] is not None
    assert found[0] >= aborted_s > 0
