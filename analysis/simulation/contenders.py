"""The policies that are compared: the rules, the presets as they are, and a preset with other constants."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from domain.parameters import Parameters
from domain.policies import RULES
from domain.presets import preset

LEARNING = "default"
"""The preset whose constants are tuned; the rules stand in its place with the policy alone changed."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A preset under a name of its own, with constants that differ from it."""

    name: str
    preset: str
    constants: tuple[tuple[str, float], ...] = ()

    def parameters(self, at: datetime, seed: str) -> Parameters:
        """As the product would be configured; `seed` is that of its exploration."""
        given: dict[str, Any] = dict(self.constants)
        plain = preset(self.preset, at)
        rate = given.pop("explore_rate", plain.exploration.rate)
        policy = RULES if self.name == RULES else plain.policy_id
        exploration = replace(plain.exploration, seed=seed, rate=rate)
        return replace(plain, policy_id=policy, exploration=exploration, **given)


BASELINE = Contender(RULES, LEARNING)
"""What every other one is compared with."""

CONTENDERS = (BASELINE, Contender("seed", "seed"), Contender("default", LEARNING))

TUNED = "tuned"
"""Name of the preset `default` with the constants that the tuning suggests."""


def constants(parameters: Parameters, names: tuple[str, ...]) -> dict[str, float]:
    """The present values of tunable constants, by name."""
    known = {field.name: getattr(parameters, field.name) for field in fields(parameters)}
    known["explore_rate"] = parameters.exploration.rate
    return {name: known[name] for name in names}
