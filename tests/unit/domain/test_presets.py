"""L2: two sets of numbers, as data; a bad one is named."""

import pytest

from domain.presets import PRESETS, BadPreset, parsed, preset
from tests import given


def test_l2_the_preset_of_the_original() -> None:
    made = preset("seed", given.NOON)

    assert (made.alpha, made.alpha_power, made.gamma, made.ucb_c, made.seed_pseudo_visits) == (
        0.1,
        0.0,
        0.9,
        1.0,
        1,
    )
    assert (made.floor_visits, made.exploration.rate) == (0, 0.0)


def test_l2_the_default_preset() -> None:
    made = preset("default", given.NOON)

    assert (made.alpha_power, made.ucb_c, made.seed_pseudo_visits, made.floor_visits) == (0.7, 0.1, 20, 20)
    assert (made.preset, made.version, made.exploration.rate, made.exploration.width) == (
        "default",
        1,
        0.1,
        0.5,
    )


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadPreset, match=r"no preset bold: it must be one of seed, default"):
        preset("bold", given.NOON)


@pytest.mark.parametrize("value", ["-0.1", "true", '"much"'])
def test_a_negative_constant_refuses_to_start(value: str) -> None:
    numbers = {**PRESETS["seed"], "gamma": value}
    lines = "\n".join(f"{name} = {number}" for name, number in numbers.items())

    with pytest.raises(BadPreset, match=r"bold\.gamma must be a number, 0 or more"):
        parsed(f"[bold]\n{lines}\n")


def test_a_preset_that_misses_a_number_is_named() -> None:
    with pytest.raises(BadPreset, match=r"bold lacks .*ucb_c"):
        parsed("[bold]\nalpha = 0.1\n")
