"""Where a group may be rewound to, and the sentences for what may not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from infra.cli.app import app
from infra.cli.groups import destination
from infra.rewind import Unmovable, rewind
from runtime.settings import Settings


@pytest.mark.parametrize("name", ["extractor", "decider", "learner"])
def test_a_group_with_state_of_its_own_is_refused_with_its_own_way(name: str) -> None:
    with pytest.raises(Unmovable) as refused:
        rewind(Settings(), name, "earliest")

    said = str(refused.value)
    assert said.startswith(f"{name} is not rewound: what {name} remembers rests on all that it has handled")
    assert "`academy state rebuild` folds its state anew" in said


def test_ingest_is_refused_since_it_would_tell_again() -> None:
    with pytest.raises(
        Unmovable, match="ingest is not rewound: it would take what stands on `inbox` once more"
    ):
        rewind(Settings(), "ingest", "earliest", dry_run=True)


def test_a_destination_is_a_word_a_moment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "undo.json"
    file.touch()

    assert [destination(word) for word in ("earliest", "latest")] == ["earliest", "latest"]
    assert destination(str(file)) == file
    assert destination("2026-05-01") == datetime(2026, 5, 1, tzinfo=UTC)
    assert destination("2026-05-01T12:00+02:00") == datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("to", ["yesterday", "7", "no-such-file.json"])
def test_anything_else_is_said_to_be_none(to: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"{to} is neither `earliest`, `latest`, a time such as"):
        destination(to)


def test_the_command_wants_a_destination() -> None:
    done = CliRunner().invoke(app, ["groups", "rewind", "decider"], env={"COLUMNS": "200"})

    assert done.exit_code == 2
    assert "Missing option '--to'" in done.output
