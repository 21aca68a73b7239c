"""The key table of a test's prefix."""

from collections.abc import Iterator

import pytest

from projections.migrate import upgrade
from runtime.keys import Keys
from runtime.master import load_master
from runtime.settings import Settings


@pytest.fixture
def keys(settings: Settings) -> Iterator[Keys]:
    assert settings.postgres
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    made = Keys(settings)
    yield made
    made.close()
