"""The key table of a test's prefix, and who asks it."""

import pytest

from projections.migrate import upgrade
from runtime.master import load_master
from runtime.settings import Settings


@pytest.fixture
def keyed(settings: Settings) -> Settings:
    """Migrated, with a master key in its file."""
    assert settings.postgres
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    return settings
