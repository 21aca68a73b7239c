"""The rewards as a table that a domain person edits (R1, R2): `rewards.toml`, checked line by line."""

import math
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from domain.lines import line_of
from domain.vocabulary import Status


class BadRewards(ValueError):
    """The table of rewards cannot be used; says which line, what is wrong, and what it must be."""


@dataclass(frozen=True, slots=True)
class PairReward:
    """The reward of one step of status (R1)."""

    from_status: Status
    to_status: Status
    reward: float


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a transition is worth (R1, R2); pairs not listed are worth nothing and are counted."""

    version: int
    pairs: tuple[PairReward, ...]
    declined: float
    opted_out: float
    stalled: float
    stopped: float = 0.0
    rejected: float = -0.2
    """A proposal that an operator rejects (R3)."""


REQUIRED = (
    (Status.NEW, Status.CONTACTED),
    (Status.CONTACTED, Status.INTERESTED),
    (Status.INTERESTED, Status.TRIAL),
    (Status.TRIAL, Status.ENROLLED),
    (Status.ENROLLED, Status.ACTIVE),
    (Status.ACTIVE, Status.AT_RISK),
    (Status.ENROLLED, Status.AT_RISK),
    (Status.AT_RISK, Status.INACTIVE),
    (Status.AT_RISK, Status.ACTIVE),
    (Status.INACTIVE, Status.AT_RISK),
)
"""The steps that every table must price; a further one may be listed."""

OTHER = ("declined", "opted_out", "stalled", "stopped", "rejected")


def parsed(text: str, name: str = "rewards.toml") -> Rewards:
    """The rewards of a table; raises BadRewards."""
    table = tomllib.loads(text)
    steps = table.get("step", [])
    begins = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[step]]"]
    pairs = tuple(
        _pair(step, f"{name}, the step at line {line}") for step, line in zip(steps, begins, strict=True)
    )
    _priced(pairs, f"{name}, line {line_of(text, '', 'step')}")
    other = table.get("other", {})
    where = f"{name}, line {line_of(text, '', 'other')}"
    odd = sorted(set(OTHER) ^ set(other))
    if odd:
        raise BadRewards(f"{where}: [other] must have {', '.join(OTHER)}, and no more; see {', '.join(odd)}")
    values = {
        key: _number(value, f"{name}, line {line_of(text, key, 'other')}: {key}")
        for key, value in other.items()
    }
    version = table.get("version")
    if not isinstance(version, int) or version < 1:
        raise BadRewards(
            f"{name}, line {line_of(text, 'version')}: it needs a `version`, a whole number from 1"
        )
    return Rewards(version=version, pairs=pairs, **values)


def _pair(step: dict[str, object], where: str) -> PairReward:
    if set(step) != {"from", "to", "reward"}:
        raise BadRewards(f"{where} must have from, to and reward, and no more")
    return PairReward(
        _status(step["from"], where), _status(step["to"], where), _number(step["reward"], where)
    )


def _priced(pairs: tuple[PairReward, ...], where: str) -> None:
    listed = [(pair.from_status, pair.to_status) for pair in pairs]
    missing = next((pair for pair in REQUIRED if pair not in listed), None)
    if missing is not None:
        raise BadRewards(f"{where}: no step prices {missing[0]} to {missing[1]}; add one")
    twice = next((pair for pair in listed if listed.count(pair) > 1), None)
    if twice is not None:
        raise BadRewards(f"{where}: two steps price {twice[0]} to {twice[1]}; keep one")


def _status(value: object, where: str) -> Status:
    if value not in list(Status):
        raise BadRewards(f"{where} names no status: it must be one of {', '.join(Status)}")
    return Status(str(value))


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRewards(f"{where}: a reward must be a finite number")
    return float(value)


REWARDS = parsed(files("domain").joinpath("rewards.toml").read_text("utf-8"))
