"""Each route that shows what a household's people said or are called leaves a record of who asked."""

import pytest

from tests.integration.projections.api.family import LEAD, Family7
from tests.trail import MemorySink
from tests.unit.projections.api.client import Client


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("list_leads", "/api/leads?limit=200"),
        ("get_lead", f"/api/leads/{LEAD}"),
        ("list_timeline", f"/api/leads/{LEAD}/timeline"),
        ("get_interaction", "/api/interactions/patch-7"),
        ("get_current_decision", f"/api/nba/{LEAD}/current"),
        ("list_decisions", f"/api/nba/{LEAD}/history"),
        ("get_context", f"/api/context/{LEAD}"),
        ("prepare_inbound_call", f"/api/context/{LEAD}/prepare-inbound-call"),
    ],
)
def test_a_reading_is_written_down(
    client: Client, family: Family7, audit: MemorySink, route: str, path: str
) -> None:
    answer = client.get(path)

    assert answer.status_code == 200, answer.text
    found = {(read.actor, read.route, read.request_id) for read in audit.reads()}
    assert found == {("reader", route, answer.headers["academy-request"])}
    assert LEAD in {read.lead_id for read in audit.reads()}


@pytest.mark.parametrize("path", [f"/api/nba/{LEAD}/plan", "/api/learning/policies", "/api/leads/nobody"])
def test_what_holds_no_words_leaves_none(
    client: Client, family: Family7, audit: MemorySink, path: str
) -> None:
    client.get(path)

    assert audit.records == []


def test_a_list_names_each_household_on_it_and_no_other(
    client: Client, family: Family7, audit: MemorySink
) -> None:
    shown = client.get("/api/leads", limit=1).json()["items"]

    assert [read.lead_id for read in audit.reads()] == [each["lead_id"] for each in shown]
