"""`academy groups` over a real broker: what waits is told with its age, and whose partitions are whose."""

from infra.groups import Group, groups
from projections.migrate import upgrade
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
    assert [place.behind_s for place in after.places] == [None, None]
    assert (after.state, len(after.members)) == ("stable", 1)
    assert after.members[0].partitions == tuple(
        f"{settings.topic('interactions')}/{number}" for number in (0, 1)
    )
    assert during["decider"].places[0].lag + during["decider"].places[1].lag > 0
    assert during["projections"].places[0].next_offset is None
