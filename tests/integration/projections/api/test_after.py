"""Read your writes: a read waits for the place that it names, in every topic that feeds what it shows."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import Engine, event

from projections.api import after
from runtime.keys import Keys
from runtime.problems import Problem
from tests import given
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.household import Story, acted

PATHS = (
    "/api/leads",
    "/api/leads/fam-1",
    "/api/nba/fam-1/current",
    "/api/nba/fam-1/history",
    "/api/context/fam-1",
)
FEEDING = ("interactions", "enriched", "leads", "decisions", "transitions")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after, "WAIT_S", 0.2)


def reader(client: Client, place: str) -> Client:
    return Client(client.app, {"Authorization": f"Bearer {SECRET}", "Academy-After": place})


@pytest.fixture
def later(keys: Keys) -> Story:
    """A record and two calls, told to nobody yet."""
    story = Story(keys, "fam-2", partition=1)
    story.record()
    story.call(given.later(days=1))
    story.call(given.later(days=2))
    return story


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("place", ["interactions/0/1", "interactions/0/2", "demo-x1-interactions/0/0"])
def test_what_is_visible_is_read_at_once(client: Client, path: str, place: str) -> None:
    began = time.monotonic()
    assert reader(client, place).get(path).status_code == 200
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_visible_is_a_503_to_come_again(client: Client, path: str, impatient: None) -> None:
    answer = reader(client, "interactions/0/9").get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:academy:problem:not-yet-visible")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("topic", FEEDING)
def test_every_topic_has_to_show_it(
    client: Client, sink: Sink, later: Story, topic: str, impatient: None
) -> None:
    """The second call's records of one topic are missing."""
    late = later.of(topic)[-1]
    sink.apply([record for record in later.records if record is not late])
    assert reader(client, "interactions/1/1").get("/api/leads/fam-2").status_code == 200
    assert reader(client, "interactions/1/2").get("/api/leads/fam-2").status_code == 503

    sink.apply([late])

    assert reader(client, "interactions/1/2").get("/api/leads/fam-2").status_code == 200


def test_a_read_waits_until_it_is_there(client: Client, sink: Sink, later: Story) -> None:
    timer = threading.Timer(0.3, sink.apply, [later.records])
    timer.start()
    began = time.monotonic()
    answer = reader(client, "interactions/1/2").get("/api/leads/fam-2")
    timer.join()
    assert (answer.status_code, answer.json()["sequence"]) == (200, 3)
    assert 0.2 < time.monotonic() - began < 3


def test_a_record_without_an_answer_is_passed_once_a_later_one_has_its(
    client: Client, sink: Sink, later: Story, impatient: None
) -> None:
    """As a dead letter, or time itself."""
    silent = [record for record in later.of("decisions") if record.offset == 1]
    sink.apply([record for record in later.records if record not in silent])
    sink.database.execute("DELETE FROM decisions WHERE partition = 1 AND root_offset = 1")

    assert reader(client, "interactions/1/1").get("/api/leads").status_code == 200


def test_a_record_that_tells_nothing_is_passed_once_the_view_has_read_it(
    client: Client, sink: Sink, impatient: None
) -> None:
    """As a tick, on a partition where nobody was told of anything."""
    place = reader(client, "interactions/1/4")
    sink.database.execute("INSERT INTO positions VALUES ('projections', 'interactions', 1, 4)")
    assert place.get("/api/leads").status_code == 503

    sink.database.execute("UPDATE positions SET next_offset = 5")

    assert place.get("/api/leads").status_code == 200


def test_a_record_that_tells_something_is_waited_for_though_the_view_has_read_it(
    client: Client, sink: Sink, later: Story, impatient: None
) -> None:
    sink.apply(later.of("interactions"))
    sink.database.execute("INSERT INTO positions VALUES ('projections', 'interactions', 1, 9)")

    assert reader(client, "interactions/1/2").get("/api/leads").status_code == 503
    assert reader(client, "interactions/1/3").get("/api/leads").status_code == 200


@pytest.mark.parametrize(
    "place",
    [
        "",
        "interactions",
        "interactions/0",
        "interactions/0/x",
        "interactions/-1/0",
        "decisions/0/0",
        "9" * 999,
    ],
)
def test_a_malformed_place_is_named(client: Client, place: str) -> None:
    answer = reader(client, place).get("/api/leads")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Academy-After"


def test_many_waiters_share_one_question(engine: Engine, sink: Sink, impatient: None) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    async def one(waiters: after.Waiters, offset: int) -> None:
        with pytest.raises(Problem, match="not applied"):
            await waiters.wait((0, offset))

    async def run() -> None:
        waiters = after.Waiters(engine)
        async with asyncio.TaskGroup() as group:
            for offset in range(50):
                group.create_task(one(waiters, offset))

    asyncio.run(run())
    assert 0 < len(asked) < 15


def test_what_an_act_brought_about_is_waited_for_like_any_other(
    client: Client, keys: Keys, sink: Sink, impatient: None
) -> None:
    story = acted(keys, "fam-2", partition=1)
    answers = story.of("decisions")
    sink.apply([record for record in story.records if record not in answers])

    for offset in range(len(answers)):
        assert reader(client, f"interactions/1/{offset}").get("/api/queue").status_code == 503
    sink.apply(answers)
    for offset in range(len(answers)):
        assert reader(client, f"interactions/1/{offset}").get("/api/queue").status_code == 200
