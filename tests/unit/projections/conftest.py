"""One household's log, told once a test."""

import pytest

from tests.unit.projections.household import Ring, Story, told


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def story(ring: Ring) -> Story:
    return told(ring)
