from pathlib import Path

import pytest

from projections.api.academy import UNNAMED, Academy, profile
from runtime.errors import Misconfigured

WRITTEN = """
name = "Lakeshore Hoops Academy"
programmes = ["tennis"]
prices = ["$450"]
[says]
aid = "scholarships"
"""


def test_a_profile_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "academy.toml"
    file.write_text(WRITTEN)

    academy = profile(file)

    assert academy.slots() == {"aid": "scholarships", "academy": "Lakeshore Hoops Academy"}
    assert list(academy.configured()) == ["tennis", "$450", "scholarships"]
    assert profile(None) == UNNAMED == Academy()
    assert UNNAMED.slots() == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("name = ", "is no TOML"),
        ("nmae = 'x'", "nmae is not valid"),
        ("name = 'a {placeholder}'", "name is not valid"),
        ("[says]\n'Not A Slot' = 'x'", "says"),
        ("prices = [450]", "prices.0 is not valid"),
    ],
)
def test_a_wrong_profile_is_a_sentence(tmp_path: Path, written: str, told: str) -> None:
    file = tmp_path / "academy.toml"
    file.write_text(written)

    with pytest.raises(Misconfigured, match="ACADEMY_PROFILE_FILE") as caught:
        profile(file)
    assert told in str(caught.value)


def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        profile(tmp_path / "nowhere.toml")
