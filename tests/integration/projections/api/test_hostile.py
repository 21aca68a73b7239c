"""SQL and odd bytes in every parameter, over a real database: looked up as what they are, or refused."""

import pytest

from tests.unit.infra.test_hostile import HOSTILE, asked, reads
from tests.unit.projections.api.client import Client

ENDLESS = ("/api/events",)
"""A stream, with tests of its own; without positions of the views it is a 503."""


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_parameter_changes_and_shows_nothing(client: Client, value: str) -> None:
    before = client.get("/api/leads").json()
    tried = [(path, one) for path, one in reads() if one["in"] in ("path", "query") and path not in ENDLESS]
    answers = {asked(path, one, value)[0]: client.get(asked(path, one, value)[0]) for path, one in tried}

    assert len(answers) > 30
    assert {place: one.status_code for place, one in answers.items() if one.status_code >= 500} == {}
    assert client.get("/api/leads").json() == before
