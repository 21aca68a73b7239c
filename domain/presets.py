"""The parameters that a preset starts from (L2)."""

import tomllib
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

from domain.parameters import Parameters

_NUMBERS = ("alpha", "alpha_power", "gamma", "ucb_c", "seed_pseudo_visits", "floor_visits", "explore_rate")


class BadPreset(ValueError):
    """A preset cannot be used; says which one and what is wrong with it."""


def preset(name: str, recorded_at: datetime) -> Parameters:
    """Version 1 of the parameters as the preset has them; raises BadPreset."""
    if name not in PRESETS:
        raise BadPreset(f"there is no preset {name}: it must be one of {', '.join(PRESETS)}")
    given = dict(PRESETS[name])
    plain = Parameters(version=1, recorded_at=recorded_at, preset=name)
    exploration = replace(plain.exploration, rate=given.pop("explore_rate"))
    return replace(plain, exploration=exploration, **given)


def parsed(text: str) -> dict[str, dict[str, Any]]:
    """The presets of a table; raises BadPreset, naming preset and line's name."""
    found = tomllib.loads(text)
    for name, numbers in found.items():
        missing = [key for key in _NUMBERS if key not in numbers]
        unknown = [key for key in numbers if key not in _NUMBERS]
        if missing or unknown:
            raise BadPreset(
                f"presets.toml: {name} lacks {missing or 'nothing'} and has {unknown or 'nothing'} else"
            )
        for key, value in numbers.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise BadPreset(f"presets.toml: {name}.{key} must be a number, 0 or more")
    return found


PRESETS = parsed(files("domain").joinpath("presets.toml").read_text("utf-8"))
"""By name."""
