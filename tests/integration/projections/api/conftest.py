"""The API over the views of one told household."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine

from projections.api import context_routes, decision_routes
from projections.api.app import ABOUT, build, database, ready
from projections.api.settings import ApiSettings
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.api.family import ACADEMY, Family7
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.projections.api.client import Client
from tests.unit.projections.household import Story, told


@pytest.fixture
def engine(settings: ApiSettings, schema: str) -> Iterator[Engine]:
    made = database(settings)
    yield made
    made.dispose()


@pytest.fixture
def story(keys: Keys) -> Story:
    return told(keys)


@pytest.fixture
def audit() -> MemorySink:
    return MemorySink()


@pytest.fixture
def client(
    settings: ApiSettings, engine: Engine, keys: Keys, sink: Sink, story: Story, audit: MemorySink
) -> Client:
    sink.apply(story.records)
    return Client(build(settings, engine, keys, audit))


@pytest.fixture
def family(keys: Keys, sink: Sink) -> Family7:
    told = Family7(keys)
    sink.apply(told.story.records)
    return told


@pytest.fixture
def at(settings: ApiSettings, engine: Engine, keys: Keys) -> Callable[[datetime], Client]:
    """A client whose API has this clock."""

    def client(now: datetime) -> Client:
        routers = [
            context_routes.router(engine, keys, ACADEMY, lambda: now),
            decision_routes.router(engine, keys, ACADEMY),
        ]
        return Client(web_app(ABOUT, routers, settings.rules(), Metrics(), ready(engine)))

    return client


@pytest.fixture
def reader(at: Callable[[datetime], Client], family: Family7) -> Client:
    """The same three days after the household was first heard of, at noon there."""
    return at(given.later(days=3))
