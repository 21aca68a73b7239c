"""Files of changes to the parameters: their names with `[exploration]` and `[experiment]`; rules and rewards whole."""

import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from domain.bounds import wrong
from domain.lines import line_of
from domain.parameters import Exploration, Parameters
from domain.reward_table import BadRewards
from domain.reward_table import parsed as rewards_of
from domain.rules import BadRules
from domain.rules import parsed as rules_of
from runtime.errors import RuntimeFault

T = TypeVar("T")

OF_THE_TABLE = ("table_id", "alpha", "alpha_power", "gamma", "gamma_day", "seed_pseudo_visits", "preset")
"""Written into the learning table when it was created; another value needs another table."""
OF_ACTIVATION = ("mode", "policy_id", "policy_version", "champion")
"""What `academy policy activate` sets."""
OF_A_FILE = {"rules": "--rules", "rewards": "--rewards"}
"""Tables with a file of their own."""
GIVEN = ("version", "recorded_at")


class BadFile(RuntimeFault):
    """The file cannot be applied; says the line, what is wrong, and what it must be."""


def with_file(parameters: Parameters, path: Path) -> Parameters:
    """The parameters with what the file says; raises BadFile, naming the line."""
    text = _read(path)
    said = _toml(text, path.name)
    plain = msgspec.to_builtins(parameters)
    for key, value in said.items():
        _known(key, text, path.name)
        plain[key] = value
    plain["exploration"] = {**msgspec.to_builtins(parameters.exploration), **said.get("exploration", {})}
    plain["experiment"] = plain["experiment"] or None
    for key in said.get("exploration", {}):
        if key not in {each.name for each in fields(Exploration)}:
            raise BadFile(f"{_at(text, key, path.name, 'exploration')} is no part of an exploration")
    try:
        after: Parameters = msgspec.convert(plain, Parameters)
    except msgspec.ValidationError as mistyped:
        raise BadFile(_mistyped(str(mistyped), text, path.name)) from None
    for field, sentence in wrong(after):
        section, _, key = field.rpartition(".")
        raise BadFile(f"{_at(text, key, path.name, section)} {sentence}")
    return after


def with_rules(parameters: Parameters, path: Path) -> Parameters:
    """The parameters with another rule engine, a file like `domain/rules.toml`; raises BadFile."""
    return replace(parameters, rules=_parsed(rules_of, path))


def with_rewards(parameters: Parameters, path: Path) -> Parameters:
    """The parameters with other rewards, a file like `domain/rewards.toml`; raises BadFile."""
    return replace(parameters, rewards=_parsed(rewards_of, path))


def _parsed(parse: Callable[[str, str], T], path: Path) -> T:
    text = _read(path)
    _toml(text, path.name)
    try:
        return parse(text, path.name)
    except (BadRules, BadRewards) as bad:
        raise BadFile(str(bad)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise BadFile(f"{path} cannot be read: {type(unreadable).__name__}") from unreadable


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as malformed:
        raise BadFile(f"{name} is no TOML: {malformed}") from None


def _known(key: str, text: str, name: str) -> None:
    where = _at(text, key, name)
    if key in OF_THE_TABLE:
        raise BadFile(f"{where} belongs to the learning table since its creation and cannot change")
    if key in OF_ACTIVATION:
        raise BadFile(f"{where} is set by `academy policy activate`")
    if key in OF_A_FILE:
        raise BadFile(f"{where} has a file of its own: give it with {OF_A_FILE[key]}")
    if key in GIVEN or key not in {each.name for each in fields(Parameters)}:
        raise BadFile(f"{where} is no parameter; `academy policy show` prints those there are")


def _at(text: str, key: str, name: str, section: str = "") -> str:
    line = line_of(text, key, section)
    return f"{name}, line {line_of(text, '', key) if line == 1 and not section else line}: {key}"


def _mistyped(said: str, text: str, name: str) -> str:
    """What msgspec says, with the line instead of its path."""
    sentence, _, path = said.partition(" - at `$.")
    section, _, key = path.rstrip("`").rpartition(".")
    return f"{_at(text, key.partition('[')[0] or section, name, section)}: {sentence}"
