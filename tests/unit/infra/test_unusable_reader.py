"""A model without a key: neither the extractor alone nor the whole local system starts, and a sentence says why."""

import pytest
from typer.testing import CliRunner

from infra.cli.app import app


@pytest.mark.parametrize("command", [["service", "extractor"], ["run", "--no-demo"]])
def test_nothing_starts_that_cannot_read(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_EXTRACTOR", "openai")

    done = CliRunner().invoke(app, command)

    assert done.exit_code == 1
    assert "OPENAI_API_KEY is not set" in done.stderr
    assert "ACADEMY_EXTRACTOR=offline" in done.stderr
