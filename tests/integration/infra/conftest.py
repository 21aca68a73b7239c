"""Data folders that are removed with what root keeps elsewhere, and small programs that act as services."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local import hold
from infra.local.layout import Layout

PATIENCE = 30.0
CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    made = Layout.at(tmp_path / "data")
    made.make()
    yield made
    hold.remove_all(made)


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once `holds` is true; fail after `seconds`."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
