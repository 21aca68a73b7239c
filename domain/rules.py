"""The rule engine as a policy (L4): the first rule that fits and whose action is allowed; `rules.toml` has them."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TypeVar

from domain.actions import ACTIONS
from domain.parameters import Rule
from domain.vocabulary import Bucket, Status

K = TypeVar("K", Bucket, Status)


class BadRules(ValueError):
    """The table of rules cannot be used; says which rule, where it begins, and what is wrong with it."""


def ruled(
    status: Status, bucket: Bucket, refusals: Mapping[str, str | None], rules: Sequence[Rule] = ()
) -> str:
    """What the rules do in a state, given why each action is refused (None: allowed); no rules: this release's.

    Where no rule is left, the first allowed action in vocabulary order.
    """
    fitting = (rule.action for rule in rules or RULES if rule.fits(status, bucket))
    allowed = [name for name in ACTIONS if refusals.get(name, "unknown") is None]
    return next((action for action in fitting if action in allowed), allowed[0])


def parsed(text: str, name: str = "rules.toml") -> tuple[Rule, ...]:
    """The rules of a table, in order; raises BadRules."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[rule]]"]
    entries = tomllib.loads(text).get("rule", [])
    if not entries:
        raise BadRules(f"{name} has no [[rule]]")
    places = (f"{name}, the rule at line {line}" for line in lines)
    return tuple(_rule(entry, place) for entry, place in zip(entries, places, strict=True))


def _rule(entry: dict[str, object], place: str) -> Rule:
    where = f"{place} ({entry.get('name', 'without a name')})"
    unknown = sorted(entry.keys() - {"name", "buckets", "statuses", "action"})
    if unknown or not isinstance(entry.get("name"), str):
        raise BadRules(f"{where} may have name, buckets, statuses and action, not {', '.join(unknown)}")
    if entry.get("action") not in ACTIONS:
        raise BadRules(f"{where} names no action: it must be one of {', '.join(ACTIONS)}")
    return Rule(
        str(entry["name"]),
        _members(Bucket, entry.get("buckets", list(Bucket)), where),
        _members(Status, entry.get("statuses", list(Status)), where),
        str(entry["action"]),
    )


def _members(kind: type[K], given: object, where: str) -> tuple[K, ...]:
    known = {one.value: one for one in kind}
    listed = [str(name) for name in given] if isinstance(given, list) else [str(given)]
    wrong = [name for name in listed if name not in known]
    if wrong:
        raise BadRules(f"{where} names {', '.join(wrong)}: it must be of {', '.join(known)}")
    return tuple(member for name, member in known.items() if name in listed)


RULES = parsed(files("domain").joinpath("rules.toml").read_text("utf-8"))
