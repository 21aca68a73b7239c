"""The committed weights are what the trainer makes of the committed texts, on any machine, each time."""

from pathlib import Path

import pytest

from domain.linear import written
from tests.extraction.train import MODELS


@pytest.mark.parametrize("path", MODELS, ids=str)
def test_the_committed_weights_are_trained_from_the_committed_texts(path: Path) -> None:
    again = written(MODELS[path]())
    assert again == path.read_text("utf-8"), "train again: python -m tests.extraction.train"
