"""`academy costs` and the look back of a budget, over a real broker."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from extractor.budget import Budget
from extractor.choosing import asked_today
from extractor.settings import ExtractorSettings
from infra.cli.app import app
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.broker import write
from tests.unit.extractor.test_costs import ASKED, call


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    assert settings.kafka is not None
    assert settings.postgres is not None
    monkeypatch.setenv("ACADEMY_KAFKA", settings.kafka)
    monkeypatch.setenv("ACADEMY_POSTGRES", settings.postgres.get_secret_value())
    monkeypatch.setenv("ACADEMY_TOPIC_PREFIX", settings.topic_prefix)
    return CliRunner()


def told(settings: Settings, *events: object) -> None:
    write(settings, "enriched", *((b"fam-1", encode("enriched", event)) for event in events))


def test_e4_what_reading_cost_is_printed(settings: Settings, command: CliRunner) -> None:
    told(settings, given.lead(), call(1), call(2), given.missed_call(ordinal=3))

    shown = command.invoke(app, ["costs", "--by", "model,channel"])
    facts = json.loads(command.invoke(app, ["costs", "--by", "channel", "--json"]).stdout)

    assert shown.exit_code == 0
    assert "gpt-6-luna" in shown.stdout
    assert "0.2150" in shown.stdout
    assert [(row["channel"], row["calls"], row["dollars"]) for row in facts["rows"]] == [
        ("voice", 2, 0.00043)
    ]
    assert facts["total"]["interactions"] == 2


def test_before_anything_was_read_a_sentence_says_so(settings: Settings, command: CliRunner) -> None:
    assert "nothing was read yet" in command.invoke(app, ["costs"]).stdout


def test_an_unknown_dimension_is_refused(command: CliRunner) -> None:
    done = command.invoke(app, ["costs", "--by", "day,weather"])

    assert done.exit_code == 2
    assert "'weather' is none of day, model, channel" in done.output


def test_e4_a_budget_looks_back_to_midnight(settings: Settings) -> None:
    now = datetime.now(UTC)
    told(settings, given.lead(), *(call(number, replace(ASKED, asked_at=now)) for number in range(3)))
    told(settings, call(9, replace(ASKED, asked_at=now - timedelta(days=2))))
    made = ExtractorSettings(
        kafka=settings.kafka, topic_prefix=settings.topic_prefix, partitions=settings.partitions
    )
    budget = Budget(3 * 0.000215, lambda: now)

    before = budget.lasts
    budget.known(asked_today(made, budget))

    assert (before, budget.lasts) == (True, False)
    assert list(asked_today(made, Budget(1.0, lambda: now + timedelta(days=1)))) == []


def test_many_days_are_told_by_month_unless_days_are_asked_for(
    settings: Settings, command: CliRunner
) -> None:
    few = [replace(ASKED, asked_at=given.NOON + timedelta(days=number)) for number in range(14)]
    told(settings, *(call(number, day) for number, day in enumerate(few)))
    assert command.invoke(app, ["costs"]).stdout.count("2026-09-") == 14
    told(settings, call(15, replace(ASKED, asked_at=given.NOON + timedelta(days=14))))

    shown = command.invoke(app, ["costs"]).stdout
    assert (shown.count("2026-09-"), shown.count("2026-09"), "--by day,model" in shown) == (0, 1, True)
    assert command.invoke(app, ["costs", "--by", "day,model"]).stdout.count("2026-09-") == 15
    facts = json.loads(command.invoke(app, ["costs", "--json"]).stdout)
    assert (facts["by"], len(facts["rows"])) == (["day", "model"], 15)
