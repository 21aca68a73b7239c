"""The views: equal to a fold of the log up to the stored positions, whatever is ended, shared or unreadable."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from runtime import projector
from runtime.errors import Fenced, NotReady
from runtime.settings import Settings
from schemas.topics import TOPICS
from tests.broker import eventually, read, write
from tests.integration.runtime.loops import Loop, projecting
from tests.integration.runtime.topics import configure
from tests.integration.runtime.views import VIEWS, Door, Sight, database, log, recomputed, stories

PARTITIONS = sum(TOPICS[topic].partitions(2) for topic in {topic for view in VIEWS for topic in view.rows})
"""Of all topics that the views read."""
BAD = b"no frame at all"


@pytest.fixture
def opened(settings: Settings) -> Iterator[tuple[Settings, Door]]:
    with database(settings) as found:
        yield found


@pytest.fixture
def guest(opened: tuple[Settings, Door]) -> Settings:
    return opened[0]


@pytest.fixture
def door(opened: tuple[Settings, Door]) -> Door:
    return opened[1]


@pytest.fixture
def sight(settings: Settings, opened: object) -> Sight:
    return Sight(settings)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many SQL transactions for few records."""
    monkeypatch.setattr(projector, "BATCH", 7)


def caught_up(sight: Sight, settings: Settings) -> None:
    """The views are what the whole log gives, and stay it."""
    wanted = recomputed(settings)
    eventually(lambda: sight.equals(wanted), "the views are the fold of the log")


@pytest.mark.usefixtures("small")
def test_views_are_the_fold_of_the_log_after_every_restart(guest: Settings, sight: Sight) -> None:
    records = stories(calls=40)
    for part in range(4):
        log(guest, records[part::4])
        with projecting(guest, VIEWS, PARTITIONS):
            eventually(lambda: sight.position("leads", 0), "it has begun")
    with projecting(guest, VIEWS, PARTITIONS):
        caught_up(sight, guest)


@pytest.mark.usefixtures("small")
def test_rows_and_positions_move_together(guest: Settings, sight: Sight) -> None:
    """Each decision is a row: at every moment there are as many as the positions say."""
    log(guest, stories(calls=60))
    counts: set[int] = set()
    with projecting(guest, VIEWS, None):
        while len(counts) < 2 or max(counts) < 122:
            (row,) = sight.ask(
                "SELECT (SELECT count(*) FROM decisions) AS rows, (SELECT coalesce(sum(next_offset), 0)::int"
                " FROM positions WHERE topic = 'decisions') AS passed"
            )
            assert row["rows"] == row["passed"]
            counts.add(row["rows"])
        caught_up(sight, guest)


def test_a_start_goes_on_from_the_stored_positions(guest: Settings, sight: Sight) -> None:
    records = stories(calls=3)
    log(guest, records)
    with projecting(guest, VIEWS, PARTITIONS):
        caught_up(sight, guest)
    sight.ask("DELETE FROM decisions")

    log(guest, stories(calls=1))
    with projecting(guest, VIEWS, PARTITIONS):
        eventually(lambda: sight.position("decisions", 1) == 6, "the new ones are applied")

    assert len(sight.ask("SELECT 1 FROM decisions")) == 4, "what was below the positions is not read again"


def test_a_second_owner_fences_the_first_which_writes_nothing(guest: Settings, sight: Sight) -> None:
    log(guest, stories(calls=1))
    with projecting(guest, VIEWS, PARTITIONS) as loop:
        eventually(lambda: sight.position("decisions", 0) == 2, "its own position")
        sight.ask("UPDATE positions SET next_offset = 99 WHERE topic = 'decisions' AND partition = 0")
        sight.ask("DELETE FROM decisions")

        records = [each for each in stories(calls=1) if (each.topic, each.partition) == ("decisions", 0)]
        log(guest, records)

        assert isinstance(loop.ended(), Fenced)
    assert sight.position("decisions", 0) == 99
    assert sight.ask("SELECT 1 FROM decisions") == []


@pytest.mark.usefixtures("small")
def test_ended_connections_lose_and_double_nothing(guest: Settings, sight: Sight, door: Door) -> None:
    records = stories(calls=40)
    with projecting(guest, VIEWS, PARTITIONS):
        for part in range(3):
            log(guest, records[part::3])
            eventually(door.end, "a connection is ended")
        caught_up(sight, guest)


def away(loop: Loop) -> bool:
    return loop.health.readiness.detail == "Postgres is away"


def test_while_postgres_is_away_it_is_not_ready_and_comes_back_by_itself(
    guest: Settings, sight: Sight, door: Door
) -> None:
    log(guest, stories(calls=3))
    with projecting(guest, VIEWS, PARTITIONS) as loop:
        caught_up(sight, guest)
        door.shut()
        write(guest, "decisions", (b"fam-0", BAD), partition=0)
        log(guest, stories(calls=2))
        eventually(lambda: away(loop), "it is not ready")
        assert not loop.health.readiness.ready
        eventually(lambda: read(guest, "projections.dead"), "a dead letter does not wait for Postgres")
        assert sight.position("decisions", 0) == 4

        door.open()

        loop.await_partitions(PARTITIONS)
        eventually(lambda: sight.position("decisions", 0) == 8, "it goes on")
        assert len(sight.ask("SELECT 1 FROM decisions")) == 8


def test_a_bad_record_is_buried_once_however_often_the_batch_is_tried(
    guest: Settings, sight: Sight, door: Door
) -> None:
    with projecting(guest, VIEWS, PARTITIONS), capture_logs() as said:
        door.shut()
        write(guest, "decisions", (b"fam-0", BAD), partition=0)
        eventually(lambda: [each["event"] for each in said].count("postgres_away") > 2, "some tries")
        door.open()
        eventually(lambda: sight.position("decisions", 0) == 1, "it goes on")

    assert len(read(guest, "projections.dead")) == 1


def test_what_cannot_be_read_is_set_aside_untouched_and_the_views_go_on(
    guest: Settings, sight: Sight
) -> None:
    write(guest, "decisions", (b"\xff", BAD), (b"fam-0", b""), partition=1)
    log(guest, stories(calls=1))
    with projecting(guest, VIEWS, PARTITIONS):
        eventually(lambda: sight.position("decisions", 1) == 4, "it goes on")

    letters = read(guest, "projections.dead")
    assert [(letter.key, letter.value, letter.partition) for letter in letters] == [
        (b"\xff", BAD, 1),
        (b"fam-0", b"", 1),
    ]
    said = dict(letters[0].headers)
    assert (said["dead-topic"], said["dead-partition"], said["dead-offset"]) == (b"decisions", b"1", b"0")
    assert (said["dead-group"], said["dead-class"]) == (b"projections", b"Undecodable")
    assert len(sight.ask("SELECT 1 FROM decisions")) == 4


def test_a_bad_record_that_cannot_be_buried_holds_the_position(guest: Settings, sight: Sight) -> None:
    configure(guest, "projections.dead", "max.message.bytes", "100")
    with projecting(guest, VIEWS, PARTITIONS) as loop:
        write(guest, "decisions", (b"fam-0", BAD * 20), partition=0)
        assert isinstance(loop.ended(3), NotReady)
    assert sight.position("decisions", 0) == 0
