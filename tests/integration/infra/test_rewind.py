"""`academy groups rewind` over a real broker and database: views end equal, readers begin again, all is taken back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from infra.members import StillRunning
from infra.rewind import Move, Rewound, Unmovable, rewind
from runtime import clients
from runtime.messages import END
from runtime.settings import Settings
from schemas.topics import TOPICS
from tests import given
from tests.broker import eventually
from tests.integration.runtime.loops import projecting
from tests.integration.runtime.views import VIEWS, Sight, database, log, recomputed, stories

PARTITIONS = sum(TOPICS[topic].partitions(2) for topic in {topic for view in VIEWS for topic in view.rows})
READER = "export"


@pytest.fixture
def guest(settings: Settings) -> Iterator[Settings]:
    with database(settings) as (found, _door):
        yield found


@pytest.fixture
def projected(guest: Settings) -> Sight:
    """Views that have seen the whole log; nothing runs."""
    sight = Sight(guest)
    log(guest, stories(calls=20))
    with projecting(guest, VIEWS, PARTITIONS):
        caught_up(sight, guest)
        with pytest.raises(StillRunning, match="1 copies of projections run; stop them first, then move its"):
            rewind(guest, "projections", "earliest")
    return sight


def caught_up(sight: Sight, settings: Settings) -> None:
    wanted = recomputed(settings)
    eventually(lambda: sight.equals(wanted), "the views are the fold of the log")


def positions(sight: Sight) -> dict[tuple[str, int], int]:
    rows = sight.ask("SELECT topic, partition, next_offset FROM positions")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def test_rewound_views_end_as_they_were_and_what_was_lost_of_them_is_back(
    guest: Settings, projected: Sight
) -> None:
    at_end = positions(projected)
    rows = projected.ask("SELECT * FROM decisions ORDER BY decision_id")
    projected.ask("DELETE FROM decisions WHERE sequence < 5")

    planned = rewind(guest, "projections", "earliest", dry_run=True)
    assert (positions(projected), planned.undo) == (at_end, None)
    done = rewind(guest, "projections", "earliest")

    assert done.moves == planned.moves
    assert {(each.topic, each.partition): each.before for each in done.moves} == {
        at: offset for at, offset in at_end.items() if offset
    }
    assert set(positions(projected).values()) == {0}
    with projecting(guest, VIEWS, PARTITIONS):
        caught_up(projected, guest)
        eventually(lambda: positions(projected) == at_end, "the end again")
    assert projected.ask("SELECT * FROM decisions ORDER BY decision_id") == rows
    assert done.undo is not None
    with pytest.raises(
        Unmovable, match=r"has gone on from 0 to .*: rows are older now .* let projections catch up"
    ):
        rewind(guest, "projections", done.undo)


def test_a_rewind_of_one_topic_is_taken_back_by_its_file(guest: Settings, projected: Sight) -> None:
    at_end = positions(projected)

    done = rewind(guest, "projections", "earliest", "decisions")

    assert {each.topic for each in done.moves} == {"decisions"}
    assert done.undo is not None
    assert done.undo.stat().st_mode & 0o777 == 0o600
    assert json.loads(done.undo.read_text())["group"] == "projections"
    assert positions(projected) != at_end
    back = rewind(guest, "projections", done.undo)
    assert positions(projected) == at_end
    assert [(each.before, each.after) for each in back.moves] == [
        (each.after, each.before) for each in done.moves
    ]
    assert rewind(guest, "projections", "latest") == Rewound((), None)


def test_views_never_pass_over_what_they_have_not_seen(guest: Settings, projected: Sight) -> None:
    at_end = positions(projected)
    log(guest, stories(calls=2)[:3])

    with pytest.raises(
        Unmovable, match=r"/\d: \d+ records would be missing in the views; name an earlier place"
    ):
        rewind(guest, "projections", "latest")
    with pytest.raises(
        Unmovable, match=r"has no position on threads; it has some on .*decisions, enriched, "
    ):
        rewind(guest, "projections", "earliest", "threads")

    assert positions(projected) == at_end


def consumed(settings: Settings, group: str = READER) -> list[tuple[int, int]]:
    """A reader of somebody's own: all that it has not seen yet, committed."""
    topic = settings.topic("decisions")
    reader = clients.member(settings, group)
    starts = reader.committed([TopicPartition(topic, number) for number in (0, 1)], 10)
    for place in starts:
        place.offset = place.offset if place.offset >= 0 else OFFSET_BEGINNING
    reader.assign(starts)
    found, ended = [], set[int]()
    while len(ended) < 2:
        message = reader.poll(1.0)
        assert message is not None
        error = message.error()
        if error is None:
            found.append((message.partition() or 0, message.offset() or 0))
        else:
            assert error.code() == END
            ended.add(message.partition() or 0)
    read = [TopicPartition(topic, number, offset + 1) for number, offset in sorted(found)]
    if read:
        reader.commit(offsets=read, asynchronous=False)
    reader.close()
    return sorted(found)


def put(settings: Settings, number: int, *hours: int) -> None:
    """A record on `decisions` for each of these hours, at which it was written."""
    producer = clients.writer(settings)
    for hour in hours:
        written_ms = int(given.later(hours=hour).timestamp() * 1000)
        producer.produce(settings.topic("decisions"), b"one", b"fam-1", number, timestamp=written_ms)
    assert producer.flush(30) == 0


def test_a_reader_of_ones_own_begins_again_where_it_is_told(settings: Settings) -> None:
    put(settings, 0, 1, 2)
    put(settings, 1, 1)
    assert consumed(settings) == [(0, 0), (0, 1), (1, 0)]
    put(settings, 0, 4)
    assert consumed(settings) == [(0, 2)]

    done = rewind(settings, READER, given.later(hours=3))
    assert done.moves == (Move("decisions", 0, 3, 2),)
    assert consumed(settings) == [(0, 2)]

    again = rewind(settings, READER, "earliest", "decisions")
    assert consumed(settings) == [(0, 0), (0, 1), (0, 2), (1, 0)]

    assert again.undo is not None
    rewind(settings, READER, "earliest")
    rewind(settings, READER, again.undo)
    assert consumed(settings) == []
    assert len(consumed(settings, "another")) == 4
    with pytest.raises(Unmovable, match=f"the file is about group {READER} under the prefix"):
        rewind(settings, "another", again.undo)


def test_a_group_without_positions_and_a_file_of_something_else_are_refused(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Unmovable, match="nobody has handled nothing yet: there is no position to move"):
        rewind(settings, "nobody", "earliest")
    put(settings, 0, 1)
    consumed(settings)
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(Unmovable, match="is no file that `academy groups rewind` has written"):
        rewind(settings, READER, other)
