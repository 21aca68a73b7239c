"""The part of docs/rules.md: every numbered rule with the file that holds it and the tests that carry its number."""

import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.flow import table

ROOT = Path(__file__).parents[2]
CATALOGUE = Path(__file__).with_name("rules.toml")

_TEST = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_NUMBERS = re.compile(r"test_((?:[a-z]\d+_)+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what holds, where, and what of it is not there yet; without a file nothing of it is."""

    number: str
    rule: str
    file: str | None = None
    missing: str | None = None


@cache
def chapters() -> dict[str, tuple[Rule, ...]]:
    """The catalogue by heading, in its order."""
    found = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return {
        f"{letter}. {entries.pop('title')}": tuple(Rule(number, **line) for number, line in entries.items())
        for letter, entries in found.items()
    }


def rules() -> dict[str, Rule]:
    """Every rule by its number."""
    return {rule.number: rule for chapter in chapters().values() for rule in chapter}


def numbers(test: str) -> list[str]:
    """Those that a test's name begins with: `test_s5_s6_are_seen` carries two."""
    found = _NUMBERS.match(test)
    return found[1].upper().split("_")[:-1] if found else []


@cache
def proofs() -> dict[str, tuple[tuple[str, str], ...]]:
    """By the number in their names: the file of each test within `tests/`, and its name."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        for name in _TEST.findall(path.read_text("utf-8")):
            for number in numbers(name):
                found[number].append((path.relative_to(ROOT / "tests").as_posix(), name))
    return {number: tuple(each) for number, each in found.items()}


def parts() -> dict[str, str]:
    """A table under each heading."""
    heading = ("no.", "rule", "file", "tests", "not yet")
    made = (f"## {title}\n\n{table(heading, map(_row, chapter))}" for title, chapter in chapters().items())
    return {"rules": "\n".join(made)}


def _row(rule: Rule) -> tuple[str, ...]:
    file = f"[`{rule.file}`](../{rule.file})" if rule.file else ""
    return (rule.number, rule.rule, file, _links(proofs().get(rule.number, ())), rule.missing or "")


def _links(of: tuple[tuple[str, str], ...]) -> str:
    """Each file with how many of its tests carry the number."""
    counted = Counter(file for file, _name in of)
    return ", ".join(f"[{file}](../tests/{file}) {count}" for file, count in counted.items())
