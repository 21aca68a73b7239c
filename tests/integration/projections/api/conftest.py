"""The API over the views of one told household."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from projections.api.app import build, database
from projections.api.settings import ApiSettings
from runtime.keys import Keys
from tests.integration.projections.sink import Sink
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
def client(settings: ApiSettings, engine: Engine, keys: Keys, sink: Sink, story: Story) -> Client:
    sink.apply(story.records)
    return Client(build(settings, engine, keys))
