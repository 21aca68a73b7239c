"""A data folder below the test's own, whoever runs the tests."""

from pathlib import Path

import pytest

from infra.local.layout import Layout


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr("infra.local.layout.ROOT_STATE", tmp_path / "state")
    made = Layout.at(tmp_path / "data")
    made.make()
    return made
