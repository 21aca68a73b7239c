"""ETags over the views: the same while nothing changes, another one as soon as anything shown does."""

from collections.abc import Callable

import psycopg
import pytest
from fastapi import FastAPI

from domain.vocabulary import OperatorAnswer
from projections.api.app import build, database
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from runtime.keys import Keys
from tests import given
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.household import Story

LEAD, TIMELINE, CURRENT = "/api/leads/fam-1", "/api/leads/fam-1/timeline", "/api/nba/fam-1/current"
PATHS = (
    *(LEAD, TIMELINE, CURRENT, "/api/nba/fam-1/history", "/api/nba/fam-1/plan"),
    *("/api/leads", "/api/queue", "/api/reminders"),
    *("/api/learning/q-table", "/api/learning/transitions", "/api/learning/policies"),
)


def tag(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    return answer.headers["etag"]


def asked(app: FastAPI, path: str, had: str) -> int:
    answer = Client(app, {"Authorization": f"Bearer {SECRET}", "If-None-Match": had}).get(path)
    assert answer.status_code == 200 or not answer.content
    return answer.status_code


@pytest.fixture
def paths(story: Story) -> tuple[str, ...]:
    decision = story.answers[1].decision
    return (*PATHS, f"/api/decisions/{decision.decision_id}", f"/api/interactions/{decision.cause_event_id}")


def test_while_nothing_changes_an_answer_is_not_given_twice(client: Client, paths: tuple[str, ...]) -> None:
    assert {path: asked(client.app, path, tag(client, path)) for path in paths} == dict.fromkeys(paths, 304)


def test_a_copy_of_the_api_knows_the_tags_of_another(
    client: Client, settings: ApiSettings, keys: Keys, paths: tuple[str, ...]
) -> None:
    engine = database(settings)
    other = build(settings, engine, keys, MemorySink())

    assert {asked(other, path, tag(client, path)) for path in paths} == {304}
    engine.dispose()


CHANGES: dict[str, tuple[Callable[[Story], object], tuple[str, ...]]] = {
    "a call": (lambda story: story.call(given.later(days=3)), PATHS[:6]),
    "a patch": (
        lambda story: story.patch(given.later(days=3), {"children": {"c1": "Mia"}}),
        (LEAD, TIMELINE),
    ),
    "an act": (
        lambda story: story.answer(given.later(days=3), OperatorAnswer.EXECUTED, action="warm_follow_up"),
        (LEAD, TIMELINE, "/api/leads"),
    ),
    "a reminder": (
        lambda story: story.reminder(given.later(days=3), given.later(days=9)),
        (LEAD, "/api/reminders"),
    ),
    "a wake": (lambda story: story.wake(), (LEAD,)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_an_answer_changes_its_tag(client: Client, story: Story, sink: Sink, what: str) -> None:
    happen, paths = CHANGES[what]
    had = {path: tag(client, path) for path in paths}
    known = len(story.records)
    happen(story)
    sink.apply(story.records[known:])

    assert {path: asked(client.app, path, had[path]) for path in paths} == dict.fromkeys(paths, 200)


@pytest.mark.parametrize("topic", ["interactions", "enriched", "leads", "decisions"])
def test_topics_that_reach_the_views_apart_each_change_the_tag(
    client: Client, story: Story, sink: Sink, postgres: str, settings: ApiSettings, topic: str
) -> None:
    """The views are first as they stand without the last record of one topic, positions and all."""
    known = len(story.records)
    story.reminder(given.later(days=3), given.later(days=9))
    story.patch(given.later(days=4), {"children": {"c1": "Mia B."}})
    late = story.of(topic)[-1]
    sink.apply([one for one in story.records[known:] if one is not late])
    with psycopg.connect(in_schema(postgres, settings.schema_name)) as connection:
        connection.execute(
            "INSERT INTO positions VALUES ('projections', 'interactions', 0, %s)", [late.offset]
        )
    before = client.get(LEAD)
    sink.apply([late])
    with psycopg.connect(in_schema(postgres, settings.schema_name)) as connection:
        connection.execute("UPDATE positions SET next_offset = %s", [late.offset + 1])
    after = client.get(LEAD)

    assert (before.status_code, after.status_code) == (200, 200), (before.text, after.text)
    assert before.json() != after.json()
    assert before.headers["etag"] != after.headers["etag"]
    assert asked(client.app, LEAD, before.headers["etag"]) == 200


def test_an_erased_key_ends_every_tag(
    client: Client, postgres: str, settings: ApiSettings, paths: tuple[str, ...]
) -> None:
    told = [path for path in paths if "/learning/" not in path and not path.endswith("/plan")]
    had = {path: tag(client, path) for path in told}
    with psycopg.connect(in_schema(postgres, settings.schema_name)) as connection:
        connection.execute(
            "UPDATE keys SET wrapped = NULL, destroyed_at = now() WHERE subject = 'fam-1/g/g1'"
        )

    assert {path: asked(client.app, path, had[path]) for path in told} == dict.fromkeys(told, 200)


def test_head_tells_the_tag(client: Client) -> None:
    head = client.head(LEAD)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == tag(client, LEAD)


def test_what_is_not_there_has_no_tag_and_a_star_does_not_hide_it(client: Client) -> None:
    assert asked(client.app, "/api/leads/fam-1", "*") == 304
    answer = Client(client.app, {"Authorization": f"Bearer {SECRET}", "If-None-Match": "*"}).get(
        "/api/leads/fam-0"
    )
    assert answer.status_code == 404
    assert "etag" not in answer.headers
