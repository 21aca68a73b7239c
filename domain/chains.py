"""A phrase in words that are looked up: what must stand around those by which it is known (`phrasebook.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.notation import NEGATORS, Step

BREAK = "^"  # behind each piece, so that one is at both ends: a word of no phrase that no gap spans
_UNSPANNED = NEGATORS | {BREAK}

Found = tuple[int, int, str]
"""A phrase found in the whole: its first word, the one behind its last, its label."""


class Place:
    """Where the words of one lookup are: symbols, comma groups, and the words themselves."""

    __slots__ = ("groups", "symbols", "words")

    def __init__(self, symbols: list[str], groups: Sequence[int], words: Sequence[str]) -> None:
        self.symbols, self.groups, self.words = symbols, groups, words


@dataclass(frozen=True, slots=True)
class Chain:
    """A phrase around the words by which it is looked up."""

    label: str
    gap: int  # between the two known words, if they are two
    left: tuple[Step, ...]  # from the known words to the left, each with the gap before the word to its right
    right: tuple[Step, ...]
    first: str  # "", "^" or "~"
    last: str  # "", "$" or "~"

    @property
    def whole(self) -> bool:
        """Whether the phrase is nothing but the words by which it is looked up."""
        return not (self.left or self.right or self.first or self.last)


@dataclass(slots=True)
class Known:
    """The phrases of known words: labels of those that are nothing more, and those to be checked further."""

    labels: list[str] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)

    def add(self, chain: Chain) -> None:
        """Keep a phrase as either."""
        if chain.whole:
            self.labels.append(chain.label)
        else:
            self.chains.append(chain)

    def find(self, place: Place, start: int, end: int, found: list[Found]) -> None:
        """Add those that stand there, the known words being from `start` to `end`."""
        found += [(start, end + 1, label) for label in self.labels]
        if not self.chains:
            return
        before, behind = place.symbols[start - 1], place.symbols[end + 1]
        for chain in self.chains:
            left, right = chain.left, chain.right  # most fail right beside the known words
            if left and not left[0][0] and before not in left[0][1]:
                continue
            if right and not right[0][0] and behind not in right[0][1]:
                continue
            _check(chain, place, start, end, found)


@dataclass(slots=True)
class Anchor:
    """The phrases of one word: of it alone, and by another word some way to its left or right."""

    alone: Known = field(default_factory=Known)
    left: dict[str, list[Chain]] = field(default_factory=dict)
    right: dict[str, list[Chain]] = field(default_factory=dict)
    reach: int = 0  # the widest gap


def far(index: dict[str, list[Chain]], place: Place, where: tuple[int, int, int], found: list[Found]) -> None:
    """Phrases whose other known word is a gap away; `where` is the anchor, the way (-1 or 1) and the reach."""
    at, way, reach = where
    symbols, groups, words = place.symbols, place.groups, place.words
    group = groups[at]
    there = at + way
    for skipped in range(reach + 1):
        if groups[there] != group and skipped:
            return
        if symbols[there] in index:
            for chain in index[symbols[there]]:
                if skipped <= chain.gap:
                    _check(chain, place, min(at, there), max(at, there), found)
        if words[there] in _UNSPANNED or groups[there] != group:
            return
        there += way


def _check(chain: Chain, place: Place, start: int, end: int, found: list[Found]) -> None:
    """Add the phrase whose words from `start` to `end` are there, if those around them are as well."""
    if (end := _walk(chain.right, place, end, 1)) < 0 or (start := _walk(chain.left, place, start, -1)) < 0:
        return
    if chain.first and start and not _is_edge(place, start - 1, start, chain.first):
        return
    if not chain.last or _is_edge(place, end + 1, end, chain.last):
        found.append((start, end + 1, chain.label))


def _is_edge(place: Place, outer: int, inner: int, edge: str) -> bool:
    """Whether a piece ends between two neighbours, or at least a comma group where the edge is none of the whole."""
    if place.words[outer] == BREAK:
        return True
    return edge != "~" and place.groups[outer] != place.groups[inner]


def _walk(wanted: tuple[Step, ...], place: Place, at: int, way: int) -> int:
    """The place of the last of these words, going one way from `at`; -1 if they are not there."""
    symbols = place.symbols
    for number, (gap, choice) in enumerate(wanted):
        if gap:
            return _leap(wanted[number:], place, at, way)
        at += way
        if symbols[at] not in choice:
            return -1
    return at


def _leap(wanted: tuple[Step, ...], place: Place, at: int, way: int) -> int:
    """The same where other words may stand before the first of them."""
    gap, choice = wanted[0]
    symbols, groups = place.symbols, place.groups
    there = at + way
    for skipped in range(gap + 1):
        if skipped and groups[there] != groups[at]:
            return -1
        if symbols[there] in choice and (last := _walk(wanted[1:], place, there, way)) >= 0:
            return last
        if place.words[there] in _UNSPANNED or groups[there] != groups[at]:
            return -1
        there += way
    return -1
