"""The committed weights are what the trainer makes of the committed texts."""

from pathlib import Path

import pytest

from domain.linear import Linear, read, unpacked
from tests.extraction.train import models


@pytest.fixture(scope="module")
def again() -> dict[Path, Linear]:
    return models()


@pytest.mark.parametrize("path", ["extractor/said_weights.txt", "domain/opt_out_weights.txt"])
def test_the_committed_weights_are_trained_from_the_committed_texts(
    path: str, again: dict[Path, Linear]
) -> None:
    """Another processor may round the last bit of a sum the other way: a weight may then be one unit off."""
    made, kept = again[Path(path)], read(Path(path))
    assert made.classes == kept.classes, "train again: python -m tests.extraction.train"
    either = made.weights.keys() | kept.weights.keys()
    nothing = 0
    off = [
        abs(one - other)
        for feature in either
        for one, other in zip(
            unpacked(made.weights.get(feature, nothing), len(made.classes)),
            unpacked(kept.weights.get(feature, nothing), len(kept.classes)),
            strict=True,
        )
    ]
    near = sum(each <= 1 for each in off) / len(off)
    assert near > 0.999, "train again: python -m tests.extraction.train"
