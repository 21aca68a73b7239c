"""The semantic actions as data (A1); adding one is an entry in `actions.toml` and its seeds."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from domain.masks import ATTEMPTS, REJECTED, exhausted, refusal
from domain.parameters import Parameters
from domain.states import Lead
from domain.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that a brief says: an id for the record, and its text for `render`.

    A draft's sentence may quote an item of a `signal`, and of those that are `one_of` the same only the first
    that can be filled is said.
    """

    id: str
    text: str
    topic: str | None = None
    signal: str | None = None
    one_of: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What to do and why, not only on which channel."""

    name: str
    channels: tuple[Channel, ...]
    executes: tuple[Channel, ...]
    purpose: str
    tone: str
    after_hours: int
    timing: str
    mask: tuple[str, ...]
    prepare: tuple[Phrase, ...]
    avoid: tuple[Phrase, ...]
    forbids: tuple[str, ...]
    directives: tuple[Phrase, ...]
    sentences: tuple[Phrase, ...]


def _listed(name: str, entry: dict[str, object], key: str) -> list[Any]:
    given = entry.get(key, [])
    if not isinstance(given, list):
        raise TypeError(f"actions.toml: {name}.{key} must be a list")
    return given


def _action(name: str, entry: dict[str, object]) -> Action:
    def strings(key: str) -> tuple[str, ...]:
        return tuple(_listed(name, entry, key))

    def phrases(key: str) -> tuple[Phrase, ...]:
        return tuple(Phrase(**phrase) for phrase in _listed(name, entry, key))

    return Action(
        name=name,
        channels=tuple(Channel(channel) for channel in strings("channels")),
        executes=tuple(Channel(channel) for channel in strings("executes") or strings("channels")),
        purpose=str(entry["purpose"]),
        tone=str(entry["tone"]),
        after_hours=int(str(entry["after_hours"])),
        timing=str(entry["timing"]),
        mask=strings("mask"),
        prepare=phrases("prepare"),
        avoid=phrases("avoid"),
        forbids=strings("forbids"),
        directives=phrases("directives"),
        sentences=phrases("sentences"),
    )


def _load() -> dict[str, Action]:
    entries = tomllib.loads(files("domain").joinpath("actions.toml").read_text())
    return {name: _action(name, entry) for name, entry in entries.items()}


ACTIONS = _load()
"""By name, in vocabulary order."""

WAIT, STOP = "wait", "stop"
AFTER_ATTEMPTS = (WAIT, "channel_switch", STOP)
"""What is left once too many attempts went unanswered (A4)."""


def verdicts(lead: Lead, now: datetime, parameters: Parameters) -> dict[str, str | None]:
    """For every action the mask's rule that does not hold now, or None where it is allowed.

    An action that an operator rejected stays masked for a while (R3), but something is always left to do.
    """
    refusals = {name: refusal(action.mask, lead, now, parameters) for name, action in ACTIONS.items()}
    if exhausted(lead, now, parameters):
        tired = (name for name in refusals if name not in AFTER_ATTEMPTS)
        refusals |= {name: refusals[name] or ATTEMPTS for name in tired}
    for name, until in lead.rejected.items():
        if until > now and refusals.get(name, "unknown") is None:
            refusals[name] = REJECTED
    if all(refusals.values()):
        refusals[WAIT] = None
    return refusals


def allowed(lead: Lead, now: datetime, parameters: Parameters) -> tuple[str, ...]:
    """The names of the actions that the masks leave, in vocabulary order."""
    return tuple(name for name, why in verdicts(lead, now, parameters).items() if why is None)
