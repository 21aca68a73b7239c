"""How a phrase is written in a table, and what words it stands for.

A phrase is words separated by spaces: `a/b` is a choice, `<list>` a named list (which may name others), `x?` is
optional, `word*` any ending of a stem of 3 letters or more, `#` a number, `..` up to 3 words between and `...` up
to 7, none of them a "not" and all of one comma group. `^` and `$` are the edges of a comma group, `~` the edge of
the whole.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path

STEM = 3
GAPS = {"..": 3, "...": 7}
EDGES = frozenset({"^", "$", "~"})
ANY_NUMBER = "#"
NEGATORS = frozenset({"not", "never", "no", "without", "nor", "neither", "hardly", "nobody", "ni", "nunca"})
BREAK = "^"
"""Stands behind each piece, so that one is at both ends: a word of no phrase."""
UNSPANNED = NEGATORS | {BREAK}
"""What no gap spans."""
_TABLE = tomllib.loads(Path(__file__).with_name("notation.toml").read_text("utf-8"))
NUMBERS: frozenset[str] = frozenset(_TABLE["numbers"].split())
COMMON: tuple[str, ...] = tuple(_TABLE["common"].split())
"""The words met most, the commonest first."""

Row = Sequence[tuple[str, ...]]
"""A phrase as choices of words, gaps and edges."""

Step = tuple[int, frozenset[str]]
"""The next word of a phrase: how many words may stand before it, and one of these symbols."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A phrase to be found: its words, and the edges that it stands at ("" if at none)."""

    words: tuple[Step, ...]
    first: str
    last: str


class Symbols:
    """Words as the tables know them."""

    def __init__(self, rows: Iterable[Row]) -> None:
        words = {word for row in rows for choice in row for word in choice} - {*GAPS, *EDGES}
        self._stems = {word[:-1]: word for word in words if word.endswith("*")}
        self._known = {word: word for word in {*words, *NUMBERS, *UNSPANNED} if not word.endswith("*")}
        self._by_head: dict[str, list[str]] = {}
        for stem in sorted(self._stems, key=len, reverse=True):
            self._by_head.setdefault(stem[:STEM], []).append(stem)
        self._numbers = [word for word in self._known if word[:1].isdigit()] + [*NUMBERS]
        self._choices: dict[tuple[str, ...], frozenset[str]] = {}

    def of_word(self, word: str) -> str:
        """The word itself, its stem with a star, `#`, or nothing."""
        if word in self._known:
            return self._known[word]
        for stem in self._by_head.get(word[:STEM], ()):
            if word.startswith(stem):
                return self._stems[stem]
        return ANY_NUMBER if word[:1].isdigit() or word[1:2].isdigit() else ""

    def of(self, choice: tuple[str, ...]) -> frozenset[str]:
        """Every symbol that a word of the choice may have become."""
        if choice not in self._choices:
            self._choices[choice] = frozenset(chain.from_iterable(map(self._meant, choice)))
        return self._choices[choice]

    def _meant(self, word: str) -> list[str]:
        if word == ANY_NUMBER:
            return [word, *self._numbers]
        if not word.endswith("*"):
            return [word]
        return [one for one in (*self._known, *self._stems.values()) if one.startswith(word[:-1])]


def rows(text: str, lists: Mapping[str, str]) -> Iterator[Row]:
    """The phrase with and without each optional word; raises ValueError for a stem that is too short."""
    parts = []
    for token in text.split():
        choice = tuple(word for part in token.rstrip("?").split("/") for word in _words(part, lists))
        parts.append((choice, ()) if token.endswith("?") else (choice,))
    for row in product(*parts):
        yield [choice for choice in row if choice]


def steps(text: str, row: Row, symbols: Symbols) -> Steps:
    """The row in symbols; raises ValueError if any text could hold it."""
    parts = [choice for choice in row if choice != (",",)]  # a comma may stand anywhere
    first = parts.pop(0)[0] if parts and parts[0][0] in EDGES else ""
    last = parts.pop()[0] if parts and parts[-1][0] in EDGES else ""
    words: list[Step] = []
    gap = 0
    for choice in parts:
        if choice[0] in GAPS:
            gap = GAPS[choice[0]]
            continue
        words.append((gap, symbols.of(choice)))
        gap = 0
    if not words or (len(words) == 1 and ANY_NUMBER in words[0][1]) or gap or words[0][0]:
        msg = f"phrase {text!r} has no word that it must contain; give it one that is not optional"
        raise ValueError(msg)
    return Steps(tuple(words), first, last)


def _words(part: str, lists: Mapping[str, str]) -> Iterator[str]:
    if part[:1] == "<":
        for word in lists[part[1:-1]].split():
            yield from _words(word, lists)
        return
    if part.endswith("*") and len(part) <= STEM:
        msg = f"the stem {part!r} is too short; give it {STEM} letters before the *"
        raise ValueError(msg)
    yield part
