"""Rule 20: a named point is where a process ends, at its turn and never else; a name that is none is refused."""

from pathlib import Path

import pytest

from runtime import faults
from runtime.faults import DEEDS, POINTS, Armed


def test_20_nothing_happens_where_nothing_is_armed() -> None:
    for point in POINTS:
        faults.passing(point)


@pytest.mark.parametrize(("deed", "seconds"), [("stop", 0.0), ("sleep:30", 30.0)])
def test_20_a_fault_fires_once_at_its_turn_and_leaves_its_proof(
    deed: str, seconds: float, tmp_path: Path
) -> None:
    proof, done = tmp_path / "proof", list[float]()
    armed = Armed(f"commit.before@3={deed}", proof, dict.fromkeys(DEEDS, done.append))

    for _time in range(2):
        armed("commit.before")
        armed("commit.after")
    assert (done, proof.exists()) == ([], False)
    for _time in range(3):
        armed("commit.before")

    assert done == [seconds]
    assert proof.read_text() == "commit.before"


@pytest.mark.parametrize(
    "told",
    ["commit=kill", "commit.before", "commit.before@x=kill", "commit.before@1=burn", "commit.before=sleep:x"],
)
def test_20_a_fault_that_names_nothing_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="ACADEMY_FAULT must be"):
        Armed(told, None)
