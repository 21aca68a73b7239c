"""`GET /api/events` over a real server, broker and database."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from projections.api import event_routes, feed, streams
from projections.api.app import ABOUT, build, database, ready, routers
from projections.api.changes import KEPT, Change
from projections.api.feed import Feed
from projections.api.seats import Seats
from projections.connections import in_schema
from projections.erasures import Erasures
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.settings import Settings
from runtime.tokens import token
from runtime.web import web_app
from tests import given
from tests.broker import eventually
from tests.integration.events import SECRET, Listener, project, projecting, reading, serving
from tests.trail import MemorySink
from tests.unit.projections.household import Story

TOPICS = ("interactions", "enriched", "leads", "decisions")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a master key where one is named."""
    from runtime.master import load_master

    assert settings.master_key_file is not None
    load_master(settings.master_key_file, create=True)
    return settings


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with projecting(settings):
        made = database(reading(settings))
        yield made
        made.dispose()


@pytest.fixture
def keys(settings: Settings, engine: Engine) -> Iterator[Keys]:
    ring = Keys(settings)
    yield ring
    ring.close()


@pytest.fixture
def serve(settings: Settings, engine: Engine, keys: Keys) -> Iterator[Callable[..., str]]:
    """Starts a copy of the API with these settings."""
    with ExitStack() as servers:
        yield lambda **more: servers.enter_context(
            serving(build(reading(settings, **more), engine, keys, MemorySink()))
        )


@pytest.fixture
def address(serve: Callable[..., str]) -> str:
    return serve()


class Town:
    """Two households, one on each partition, whose records reach the topics when they are told to."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self.settings = settings
        self.stories = {
            name: Story(keys, name, partition) for partition, name in enumerate(("fam-1", "fam-2"))
        }
        self._sent = {name: len(story.records) for name, story in self.stories.items()}
        for name in self.stories:
            self.happen(name, lambda story: story.record())

    def happen(self, name: str, act: Callable[[Story], Any], *, without: str = "") -> list[Any]:
        """What follows from it goes to every topic but one; gives the records of that one."""
        story = self.stories[name]
        act(story)
        fresh = [one for one in story.records[self._sent[name] :] if one.topic in TOPICS]
        self._sent[name] = len(story.records)
        project(self.settings, *(one for one in fresh if one.topic != without))
        return [one for one in fresh if one.topic == without]

    def call(self, name: str, days: int) -> str:
        """The household talks to us; the id of what was decided."""
        self.happen(name, lambda story: story.call(given.later(days=days)))
        return self.stories[name].answers[-1].decision.decision_id


@pytest.fixture
def town(settings: Settings, engine: Engine, keys: Keys) -> Town:
    told = Town(settings, keys)
    eventually(lambda: shown(settings) == {"fam-1": 1, "fam-2": 1}, "both households are shown")
    return told


def shown(settings: Settings) -> dict[str, int]:
    """What the views show, by lead: how many answers, once the last one can be read, too."""
    assert settings.postgres is not None
    found = "SELECT lead_id, sequence FROM leads WHERE sequence IS NOT NULL AND decision_id IS NOT NULL"
    with psycopg.connect(in_schema(settings.postgres.get_secret_value(), settings.schema_name)) as connection:
        return dict(connection.execute(found).fetchall())


def sequence(address: str, lead_id: str) -> int:
    answer = httpx.get(f"{address}/api/leads/{lead_id}", headers={"Authorization": f"Bearer {SECRET}"})
    return int(answer.json()["sequence"])


def test_a_change_is_told_by_ids_and_a_read_shows_it_by_then(address: str, town: Town) -> None:
    with Listener(address) as listener:
        assert listener.answer.headers["content-type"].startswith("text/event-stream")
        assert listener.answer.headers["cache-control"] == "no-store"
        listener.opened()
        decision_id = town.call("fam-1", 1)
        lead, decision = listener.events(2)
        assert sequence(address, "fam-1") == 2

    assert (lead.kind, lead.data) == ("lead", {"lead_id": "fam-1", "sequence": 2})
    assert (decision.kind, decision.data) == ("decision", {"decision_id": decision_id, "lead_id": "fam-1"})
    assert not lead.id
    assert len(decision.id.split(".")) == 2


def test_who_comes_back_hears_what_was_missed_and_nothing_twice(
    serve: Callable[..., str], town: Town
) -> None:
    with Listener(serve()) as listener:
        listener.opened()
        town.call("fam-1", 1)
        listener.events(2)
    missed = town.call("fam-2", 1)
    eventually(lambda: shown(town.settings)["fam-2"] == 2, "the call is shown")

    with Listener(serve(), listener.last) as again:  # another copy of the API
        lead, decision = again.events(2)
        assert (lead.data["lead_id"], decision.data["decision_id"]) == ("fam-2", missed)
        town.call("fam-1", 2)
        assert again.event().data == {"lead_id": "fam-1", "sequence": 3}


@pytest.mark.parametrize("since", ["0", "0.0.0", "999999.0"])
def test_an_id_of_another_log_is_told_to_read_everything_anew(address: str, town: Town, since: str) -> None:
    with Listener(address, since) as listener:
        assert listener.event().kind == "reset"
        listener.opened()
        town.call("fam-1", 1)
        assert listener.event().data["lead_id"] == "fam-1"


def test_who_missed_more_than_is_told_reads_everything_anew(
    address: str, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Listener(address, "0.0") as listener:
        assert [one.kind for one in listener.events(4)] == ["lead", "decision"] * 2
    monkeypatch.setattr(feed, "RESUMED", 1)
    with Listener(address, "0.0") as listener:
        assert listener.event().kind == "reset"


def test_only_what_was_asked_for_is_told(address: str, town: Town) -> None:
    with (
        Listener(address, lead_id=["fam-2", "fam-3"]).opened() as one,
        Listener(address, kinds="decision").opened() as other,
    ):
        first, second = town.call("fam-1", 1), town.call("fam-2", 1)
        assert one.event().data == {"lead_id": "fam-2", "sequence": 2}
        assert {event.data["decision_id"] for event in other.events(2)} == {first, second}
        assert other.last


def test_nothing_is_told_before_its_answer_can_be_read(address: str, town: Town) -> None:
    with Listener(address).opened() as listener:
        late = town.happen("fam-1", lambda story: story.call(given.later(days=1)), without="decisions")
        eventually(lambda: shown(town.settings)["fam-1"] == 2, "the lead's state is shown")
        town.call("fam-2", 1)
        assert listener.event().data["lead_id"] == "fam-2"
        listener.event()
        project(town.settings, *late)
        assert listener.event().data == {"lead_id": "fam-1", "sequence": 2}


def test_an_erasure_is_told_once_it_is_carried_out_and_to_who_comes_back_after_it(
    serve: Callable[..., str], town: Town
) -> None:
    with Listener(serve(), kinds="erased").opened() as listener:
        before = listener.last
        erased(town, "fam-1")
        heard = listener.event()
        assert (heard.kind, heard.data) == ("erased", {"lead_id": "fam-1", "subject": None})

    with Listener(serve(), before, kinds="erased") as again, Listener(serve(), heard.id) as none:
        assert (told := again.event()).data == heard.data
        assert told.id.partition("-")[2] == heard.id.partition("-")[2]
        none.opened()
        erased(town, "fam-2", "g/g1")
        assert again.event().data == {"lead_id": "fam-2", "subject": "g/g1"}
        while (later := none.event()).kind != "erased":
            assert later.data["lead_id"] == "fam-2"
        assert later.data["lead_id"] == "fam-2", "what was told is not told again"


def erased(town: Town, name: str, subject: str | None = None) -> None:
    """Told, answered, and carried out."""
    assert town.settings.postgres is not None
    town.happen(name, lambda story: story.erase(given.later(days=9), subject))
    dsn = in_schema(town.settings.postgres.get_secret_value(), town.settings.schema_name)
    with psycopg.connect(dsn, autocommit=True) as database:
        eventually(lambda: Erasures(timedelta(days=30)).carry_out(database), "it is carried out")


def test_the_stream_goes_on_when_postgres_dropped_its_connections(address: str, town: Town) -> None:
    assert town.settings.postgres is not None
    with Listener(address).opened() as listener:
        with psycopg.connect(town.settings.postgres.get_secret_value(), autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND query LIKE %s",
                [f"%{town.settings.schema_name}%"],
            ).fetchall()
        assert ended == [(True,)]
        town.call("fam-1", 1)
        assert listener.event().data["lead_id"] == "fam-1"


def test_a_beat_keeps_the_stream_open(address: str, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BEAT_S", 0.1)
    with Listener(address, lead_id="fam-3").opened() as listener:
        beat = listener.block()

    assert (beat.comment, beat.kind) == ("still here", "")
    assert beat.id


def test_a_token_and_a_process_have_so_many_streams(serve: Callable[..., str], town: Town) -> None:
    address = serve(streams_a_token=1)
    with Listener(address).opened(), Listener(address) as second:
        problem = second.answer
        problem.read()
        assert (problem.status_code, problem.json()["type"]) == (429, "urn:academy:problem:too-many-streams")
        assert int(problem.headers["retry-after"]) > 0
        assert 'academy_under_way{kind="stream"} 1.0' in httpx.get(f"{address}/metrics").text

    eventually(lambda: _status(address) == 200, "the seat is free again")


def _status(address: str) -> int:
    with Listener(address) as listener:
        return listener.answer.status_code


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?kinds=reward", 422),
        ("?leads=fam-1", 422),
        ("?" + "&".join(f"lead_id=fam-{number}" for number in range(101)), 422),
    ],
)
def test_a_wrong_question_opens_no_stream(address: str, path: str, status: int) -> None:
    answer = httpx.get(f"{address}/api/events{path}", headers={"Authorization": f"Bearer {SECRET}"})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("since", ["now", "1.2.", "-1.0", "1e3.0"])
def test_an_id_that_nobody_gave_is_refused(address: str, since: str) -> None:
    with Listener(address, since) as listener:
        assert listener.answer.status_code == 422


def test_writers_hear_nothing(address: str) -> None:
    with Listener(address, secret=f"{SECRET}-of-a-writer") as listener:
        assert listener.answer.status_code == 403


@pytest.fixture
def app(settings: Settings, engine: Engine, keys: Keys) -> FastAPI:
    """With a token that ends in a moment."""
    asked = reading(settings)
    ending = replace(
        token("ending", f"{SECRET}-that-ends"), expires_at=datetime.now(UTC) + timedelta(seconds=1.5)
    )
    rules = replace(asked.rules(), tokens=(ending,))
    return web_app(ABOUT, routers(asked, engine, keys, Metrics()), rules, Metrics(), ready(engine))


def test_a_stream_ends_with_its_token(app: FastAPI, town: Town) -> None:
    with serving(app) as address, Listener(address, secret=f"{SECRET}-that-ends").opened() as listener:
        with pytest.raises(StopIteration):
            listener.block()
        assert listener.answer.is_closed or listener.answer.is_stream_consumed


def test_a_client_that_takes_nothing_is_cut_off(
    settings: Settings, engine: Engine, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SEND_S", 0.5)
    asked, seats = reading(settings), Seats("stream", 1, 1)
    assert asked.postgres is not None
    one = Feed(engine, asked.postgres.get_secret_value(), asked.schema_name)
    app = web_app(ABOUT, [event_routes.router(one, seats)], asked.rules(), Metrics(), ready(engine))
    with serving(app) as address, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = address.removeprefix("http://").split(":")
        client.connect((host, int(port)))
        request = f"GET /api/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {SECRET}\r\n\r\n"
        client.sendall(request.encode())
        eventually(lambda: seats._taken["reader"] == 1 and one._looked, "the stream is open")
        flood = [Change(f"fam-{number}", 1, "d" * 500, "1.1") for number in range(KEPT // 2)]

        def sent() -> bool:
            one._running.get_loop().call_soon_threadsafe(one.changes.add, flood) if one._running else None
            return not seats._taken["reader"]

        eventually(sent, "the client is cut off")
