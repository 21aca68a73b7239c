"""`academy demo` refuses what cannot be played, and tells what was."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from infra.cli.app import app
from infra.cli.demo import _day, tell
from infra.demo.report import facts
from infra.demo.story import families

from .memory import played

UNTIL = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_history_that_ends_tomorrow_is_refused_before_anything_starts() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)

    done = CliRunner().invoke(app, ["demo", "--until", f"{tomorrow:%Y-%m-%d}"])

    assert done.exit_code == 2
    assert "name a day that is over" in done.output


def test_the_end_is_a_table_of_every_family_what_was_learned_and_the_digest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = {**facts(played(UNTIL), families(), UNTIL), "seconds": 1.0}

    tell(found, as_json=False)

    printed = capsys.readouterr().out
    assert all(family.lead_id in printed for family in families())
    assert "rule: opted_out" in printed
    assert found["digest"] in printed
    assert all(one["state"] in printed for one in found["learned"])


def test_the_bar_says_the_day() -> None:
    said: list[str] = []

    _day(UNTIL, said.append, UNTIL - timedelta(days=30))
    _day(UNTIL, said.append, UNTIL)

    assert said == [f"day 30 of 60  {'━' * 15}{'─' * 15}", f"day 60 of 60  {'━' * 30}"]
