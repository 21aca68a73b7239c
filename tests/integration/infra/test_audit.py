"""`academy audit` over a real broker: readings through the API's own sink, acts as ingest writes them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.vocabulary import ReminderAnswer
from infra.cli.app import app
from runtime.metrics import Metrics
from runtime.settings import Settings
from runtime.trail import Trail, patient
from tests import given
from tests.broker import send

LEAD = "fam-1"
READ = given.later(hours=1)


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    assert settings.kafka is not None
    assert settings.postgres is not None
    monkeypatch.setenv("ACADEMY_KAFKA", settings.kafka)
    monkeypatch.setenv("ACADEMY_POSTGRES", settings.postgres.get_secret_value())
    monkeypatch.setenv("ACADEMY_TOPIC_PREFIX", settings.topic_prefix)
    return CliRunner()


def told(settings: Settings) -> None:
    """A rejection at noon, two readings an hour later, and a reminder's dismissal after them."""
    send(settings, "interactions", LEAD, given.recorded(), given.rejected(given.NOON, "decision-1"))
    late = given.told_remind(given.later(hours=2), "reminder-1", ReminderAnswer.DISMISSED)
    send(settings, "interactions", LEAD, late)
    trail = Trail(patient(settings), settings.topic("audit"), Metrics(), lambda: READ)
    trail.read("front-desk", "get_lead", "request-1", LEAD)
    trail.read("jwt:ada", "list_leads", "request-2", "fam-other")
    trail.close()


def shown(command: CliRunner, *options: str) -> list[dict[str, Any]]:
    done = command.invoke(app, ["audit", "--json", *options])
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_readings_and_acts_are_told_together_the_newest_last(settings: Settings, command: CliRunner) -> None:
    told(settings)

    assert [each["what"] for each in shown(command)] == [
        "decision rejected decision-1",
        "read get_lead",
        "read list_leads",
        "reminder dismissed reminder-1",
    ]
    assert [each["id"] for each in shown(command, "--token", "jwt:ada")] == ["request-2"]
    assert [each["lead_id"] for each in shown(command, "--lead", "fam-other")] == ["fam-other"]
    assert {each["lead_id"] for each in shown(command, "--lead", LEAD)} == {LEAD}
    since = (READ + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    assert [each["what"] for each in shown(command, "--since", since)] == ["reminder dismissed reminder-1"]
    assert shown(command, "--since", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}") == []

    page = command.invoke(app, ["audit"]).stdout
    assert page.index("front-desk") < page.index("jwt:ada")


def test_where_nothing_was_read_a_sentence_says_so(command: CliRunner) -> None:
    assert "nobody has read" in command.invoke(app, ["audit"]).stdout
