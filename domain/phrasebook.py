"""Tables of phrases, found in plain words in one pass, so that a long table costs little.

A phrase is words separated by spaces: `a/b` is a choice, `<list>` a named list (a name in a list is a list within it),
`x?` optional, `word*` any ending of a stem of 3 letters or more, `#` a number, `..` up to 3 words between and `...` up to
7, none of them a "not" and all of one comma group; `^` and `$` are the edges of a comma group, `~` the edge of the whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from operator import itemgetter
from typing import NamedTuple

STEM = 3
GAPS = {"..": 3, "...": 7}
NEGATORS = frozenset({"not", "never", "no", "without", "nor", "neither", "hardly", "nobody", "ni", "nunca"})
_NUMBERS = frozenset(
    (
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
    ).split()
)
_PLACE = itemgetter(1, 2, 0)
_ANY_NUMBER = "#"
_RANKED = (
    "i you the to and a it that we is in of for my do not have he so was on but with be like at this are if he "
    "she me no know they can just what all one will your or there up about from okay yes would well get now go as "
    "out him us had her then when how them our really want think some good see time an come by any day been did "
    "has very more could who de que no la el y en a lo un por me mi es se los una para le nos su con si te al # "
    "want take make need look say said too also because back going were am off over here been only much two three "
    "call work school week kid kids son daughter coach class practice thanks please great us"
).split()
_COMMON = {word: 40.0 / (rank + 1) ** 0.8 for rank, word in reversed(list(enumerate(_RANKED)))}


class Hit(NamedTuple):
    """A phrase found: its label, its first word and the one behind its last, counted without commas."""

    label: str
    start: int
    end: int


Step = tuple[int, frozenset[str]]
"""The next word of a phrase: how many words may stand before it, and one of these symbols."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """A phrase around its anchor, the word of it that is rarest in any text."""

    label: str
    gap: int  # between the known words
    left: tuple[Step, ...]  # from the known words to the left, each with the gap before the word to its right
    right: tuple[Step, ...]
    first: str  # "", "^" or "~"
    last: str  # "", "$" or "~"


Index = dict[str, list[_Chain]]


@dataclass(slots=True)
class _Anchor:
    """The phrases of one anchor: of it alone, and by the word beside it, at once or over a gap."""

    alone: list[_Chain] = field(default_factory=list)
    left: Index = field(default_factory=dict)
    right: Index = field(default_factory=dict)
    far_left: Index = field(default_factory=dict)
    far_right: Index = field(default_factory=dict)
    reach: int = 0  # the widest gap of the far ones


class _Place:
    """Where the words of one lookup are: symbols, comma groups, and the words themselves."""

    __slots__ = ("groups", "symbols", "words")

    def __init__(self, symbols: list[str], groups: Sequence[int], words: Sequence[str]) -> None:
        self.symbols, self.groups, self.words = symbols, groups, words


class Phrasebook:
    """Labelled phrases, looked up by the rarest word of each."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], lists: Mapping[str, str]) -> None:
        rows = [
            (label, text, row)
            for label, texts in phrases.items()
            for text in texts
            for row in _variants(text, lists)
        ]
        words = {word for _, _, row in rows for choice in row for word in choice}
        self._symbols = _Symbols(words - {*GAPS, "^", "$", "~"})
        self._anchors: dict[str, _Anchor] = {}
        for label, text, row in rows:
            self._add(label, text, row)

    def hits(self, tokens: Sequence[str]) -> list[Hit]:
        """Every phrase in plain words (`wording.tokens`), by place; linear in their number."""
        words, groups = grouped(tokens)
        symbols = [*map(self._symbols.__getitem__, words), ""]  # the edge is the neighbour of both ends
        found: list[Hit] = []
        place, get = _Place(symbols, groups, words), self._anchors.get
        for at, symbol in enumerate(symbols):
            if (anchor := get(symbol)) is None:
                continue
            for chain in anchor.alone:
                _check(chain, place, at, at, found)
            for chain in anchor.right.get(symbols[at + 1], ()):
                _check(chain, place, at, at + 1, found)
            for chain in anchor.left.get(symbols[at - 1], ()):
                _check(chain, place, at - 1, at, found)
            if anchor.far_right:
                _far(anchor.far_right, place, (at, 1, anchor.reach), found)
            if anchor.far_left:
                _far(anchor.far_left, place, (at, -1, anchor.reach), found)
        if len(found) > 1:
            found.sort(key=_PLACE)
        return found

    def _add(self, label: str, text: str, row: Sequence[tuple[str, ...]]) -> None:
        parts = list(row)
        first = parts.pop(0)[0] if parts and parts[0][0] in {"^", "~"} else ""
        last = parts.pop()[0] if parts and parts[-1][0] in {"$", "~"} else ""
        steps: list[Step] = []
        gap = 0
        for choice in parts:
            if choice == (",",):
                continue  # a comma may stand anywhere
            if choice[0] in GAPS:
                gap = GAPS[choice[0]]
                continue
            steps.append((gap, frozenset(self._symbols.of(choice))))
            gap = 0
        if not steps or (len(steps) == 1 and _ANY_NUMBER in steps[0][1]) or gap or steps[0][0]:
            msg = f"phrase {text!r} has no word that it must contain; give it one that is not optional"
            raise ValueError(msg)
        at = min(range(len(steps)), key=lambda n: sum(map(_frequency, steps[n][1])))
        # the gap before a word is kept with the word to its left, for those are read from right to left
        before = tuple((steps[n + 1][0], steps[n][1]) for n in range(at - 1, -1, -1))
        behind = tuple(steps[at + 1 :])
        for symbol in steps[at][1]:
            anchor = self._anchors.setdefault(symbol, _Anchor())
            if behind:
                gap, wanted = behind[0]
                chain = _Chain(label, gap, before, behind[1:], first, last)
                _put(anchor.far_right if gap else anchor.right, wanted, chain)
            elif before:
                gap, wanted = before[0]
                chain = _Chain(label, gap, before[1:], (), first, last)
                _put(anchor.far_left if gap else anchor.left, wanted, chain)
            else:
                anchor.alone.append(_Chain(label, 0, (), (), first, last))
                continue
            anchor.reach = max(anchor.reach, gap)


def _put(index: Index, wanted: frozenset[str], chain: _Chain) -> None:
    for symbol in wanted:
        index.setdefault(symbol, []).append(chain)


def _frequency(symbol: str) -> float:
    """How often a word is met in a thousand, roughly."""
    return _COMMON.get(symbol, 0.3)


class _Symbols(dict[str, str]):
    """A word as the tables know it: itself, its stem with a star, `#`, or nothing."""

    def __init__(self, words: set[str]) -> None:
        self._stems = {word[:-1] for word in words if word.endswith("*")}
        super().__init__({word: word for word in words if not word.endswith("*")})
        self._lengths = sorted({len(stem) for stem in self._stems}, reverse=True)

    def __missing__(self, word: str) -> str:
        for length in self._lengths:
            if word[:length] in self._stems:
                return f"{word[:length]}*"
        return _ANY_NUMBER if word[:1].isdigit() or word[:2][1:].isdigit() else ""

    def of(self, choice: Iterable[str]) -> Iterator[str]:
        """Every symbol that a word of the choice may have become."""
        for word in choice:
            yield word
            if word == _ANY_NUMBER:
                yield from (known for known in self if known in _NUMBERS or known[:1].isdigit())
                yield from _NUMBERS
            elif word.endswith("*"):
                yield from (known for known in self if known.startswith(word[:-1]))
                yield from (f"{stem}*" for stem in self._stems if stem.startswith(word[:-1]))


def grouped(tokens: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """The words without commas, and for each the number of commas before it."""
    if "," not in tokens:
        return tokens, (0,) * len(tokens)
    words, groups, group = [], [], 0
    for token in tokens:
        if token == ",":
            group += 1
        else:
            words.append(token)
            groups.append(group)
    return words, groups


def _far(index: Index, place: _Place, where: tuple[int, int, int], found: list[Hit]) -> None:
    """Phrases whose next known word is at most a gap away; `where` is the anchor, the way (-1 or 1) and the reach."""
    at, way, reach = where
    symbols, groups, words = place.symbols, place.groups, place.words
    get, group, size = index.get, groups[at], len(words)
    there = at + way
    for skipped in range(reach + 1):
        if not 0 <= there < size or (groups[there] != group and skipped):
            return
        for chain in get(symbols[there], ()):
            if skipped <= chain.gap:
                _check(chain, place, min(at, there), max(at, there), found)
        if words[there] in NEGATORS or groups[there] != group:
            return
        there += way


def _check(chain: _Chain, place: _Place, start: int, end: int, found: list[Hit]) -> None:
    """Add the phrase whose words from `start` to `end` are there, if those around them are as well."""
    if chain.left and (start := _walk(chain.left, place, start, -1)) < 0:
        return
    if chain.right and (end := _walk(chain.right, place, end, 1)) < 0:
        return
    groups = place.groups
    if chain.first and start and (chain.first == "~" or groups[start - 1] == groups[start]):
        return
    if not chain.last or end + 1 == len(groups) or (chain.last == "$" and groups[end + 1] != groups[end]):
        found.append(Hit(chain.label, start, end + 1))


def _walk(steps: tuple[Step, ...], place: _Place, at: int, way: int) -> int:
    """The place of the last of these steps, going one way from `at`; -1 if they are not there."""
    if not steps:
        return at
    gap, wanted = steps[0]
    symbols, groups = place.symbols, place.groups
    there = at + way
    for skipped in range(gap + 1):
        if not 0 <= there < len(groups) or (skipped and groups[there] != groups[at]):
            return -1
        if symbols[there] in wanted and (last := _walk(steps[1:], place, there, way)) >= 0:
            return last
        if place.words[there] in NEGATORS or groups[there] != groups[at]:
            return -1
        there += way
    return -1


def _variants(text: str, lists: Mapping[str, str]) -> Iterator[Sequence[tuple[str, ...]]]:
    """The phrase as rows of choices, with and without each optional word."""
    parts = []
    for token in text.split():
        optional = token.endswith("?")
        choice = tuple(word for part in token.rstrip("?").split("/") for word in _words(part, lists))
        parts.append((choice, ()) if optional else (choice,))
    for row in product(*parts):
        yield [choice for choice in row if choice]


def _words(part: str, lists: Mapping[str, str]) -> Iterator[str]:
    if part[:1] == "<":
        for word in lists[part[1:-1]].split():
            yield from _words(word, lists)
        return
    if part.endswith("*") and len(part) <= STEM:
        msg = f"the stem {part!r} is too short; give it {STEM} letters before the *"
        raise ValueError(msg)
    yield part
