"""Each numbered rule of the domain stands in its file under its number, and has a test named after it."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.parts import ROOT
from tests.docs.rules import chapters, numbers, proofs, rules

INVARIANT = re.compile(r"I\d+")
"""Tests may be named after an invariant, too: infra/invariants/catalogue.py has those."""

RANGE = re.compile(r"\b([A-Z])(\d+)(?:-\1(\d+))?\b")


def said(path: Path) -> Iterator[str]:
    """The docstrings and comments of a file."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from (line for line in text.splitlines() if line.startswith("#"))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    yield from (token.string for token in tokens if token.type == tokenize.COMMENT)


def named(path: Path) -> set[str]:
    """The numbers that a file says it holds; `B1-B3` are three."""
    return {
        f"{letter}{number}"
        for words in said(path)
        for letter, first, last in RANGE.findall(words)
        for number in range(int(first), int(last or first) + 1)
    }


def test_the_catalogue_has_every_number_of_the_domain_once() -> None:
    letters = {title[0]: [rule.number for rule in chapter] for title, chapter in chapters().items()}

    assert letters == {letter: [f"{letter}{n + 1}" for n in range(len(of))] for letter, of in letters.items()}
    assert {letter: len(of) for letter, of in letters.items()} == {
        "S": 6, "B": 10, "A": 5, "D": 7, "R": 4, "L": 6, "P": 6, "C": 3, "F": 4, "E": 8, "T": 2, "X": 2,
    }  # fmt: skip


def test_no_rule_is_without_its_test() -> None:
    built = [rule.number for rule in rules().values() if rule.file]

    assert len(built) > 50
    assert [number for number in built if number not in proofs()] == []


def test_what_is_not_built_says_what_is_missing_and_has_no_test() -> None:
    unbuilt = [rule for rule in rules().values() if not rule.file]

    assert [rule.number for rule in unbuilt if not rule.missing or rule.number in proofs()] == []


def test_a_test_named_after_a_rule_names_one_that_there_is() -> None:
    carried = {number for number in proofs() if not INVARIANT.fullmatch(number)}

    assert {number: proofs()[number] for number in carried - rules().keys()} == {}


@pytest.mark.parametrize("number", [rule.number for rule in rules().values() if rule.file])
def test_a_rules_file_says_its_number(number: str) -> None:
    file = rules()[number].file

    assert file is not None
    assert number in named(ROOT / file), f"{file} names no {number}"


def test_no_file_of_the_domain_names_a_rule_that_is_not_there() -> None:
    letters = {number[0] for number in rules()}
    files = [path for path in ROOT.glob("domain/*") if path.suffix in (".py", ".toml")]
    unknown = {path.name: named(path) - rules().keys() for path in files}

    assert len(files) > 40
    assert {name: of for name, of in unknown.items() if any(one[0] in letters for one in of)} == {}


def test_a_rule_is_one_line_of_few_words() -> None:
    lines = [*(rule.rule for rule in rules().values()), *(rule.missing or "" for rule in rules().values())]

    assert [line for line in lines if len(line) > 160 or "|" in line] == []
    assert [
        said for said, times in Counter(rule.rule for rule in rules().values()).items() if times > 1
    ] == []


def test_a_name_carries_every_number_that_it_begins_with() -> None:
    assert numbers("test_s3_the_table") == ["S3"]
    assert numbers("test_s5_s6_d10_are_seen") == ["S5", "S6", "D10"]
    assert numbers("test_the_s3_table") == numbers("test_2_8_a_repeat") == numbers("test_s3") == []
