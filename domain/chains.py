"""A phrase in words that are looked up: what must stand around those by which it is known (`phrasebook.py`)."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from domain.notation import BREAK, UNSPANNED, Step

Found = tuple[int, int, str]
"""A phrase found in the whole: its first word, the one behind its last, its label."""


class Place:
    """Where the words of one lookup are: symbols without commas, and the words that a comma stands before."""

    __slots__ = ("parted", "symbols")

    def __init__(self, symbols: list[str], parted: Set[int]) -> None:
        self.symbols, self.parted = symbols, parted


class Way(NamedTuple):
    """Words to come on one side, from the known words outwards: how many may stand before one of the choice."""

    gap: int
    choice: frozenset[str]
    rest: "Way | None"


class Chain(NamedTuple):
    """A phrase around the words by which it is looked up."""

    label: str
    gap: int  # between the two known words, if they are two
    left: Way | None
    right: Way | None
    first: str  # "", "^" or "~"
    last: str  # "", "$" or "~"


class Side(NamedTuple):
    """Chains by their next word on one side, which is no farther away than `reach`.

    Where all have it right beside the known words (a reach of 1), `by` holds what is left of them behind it.
    """

    by: Mapping[str, Sequence[Chain]]
    wanted: frozenset[str]  # all of `by`
    reach: int
    chains: Sequence[Chain]


class Known(NamedTuple):
    """The phrases of known words: labels of those that are nothing more, and those to be checked further."""

    labels: Sequence[str]
    edged: Sequence[Chain]
    right: Side | None
    left: Side | None


class Anchor(NamedTuple):
    """The phrases of one word: of it alone, by another word some way to its left or right, and by the next word."""

    labels: Sequence[str]
    edged: Sequence[Chain]
    right: Mapping[str, Sequence[Chain]]
    left: Mapping[str, Sequence[Chain]]
    reach: int  # words up to the farthest
    pairs: Mapping[str, Known]


def way(steps: Iterable[Step]) -> Way | None:
    """The words of these steps, the nearest first."""
    told: Way | None = None
    for gap, choice in reversed(list(steps)):
        told = Way(gap, choice, told)
    return told


def known(chains: Sequence[Chain]) -> Known:
    """The phrases of the same known words, by what is checked first."""
    done = [one for one in chains if not (one.left or one.right)]
    right = [(one.right, one, one._replace(right=one.right.rest)) for one in chains if one.right]
    left = [(one.left, one, one._replace(left=one.left.rest)) for one in chains if one.left and not one.right]
    return Known(
        [one.label for one in done if not (one.first or one.last)],
        [one for one in done if one.first or one.last],
        _side(right),
        _side(left),
    )


def _side(told: Sequence[tuple[Way, Chain, Chain]]) -> Side | None:
    """Of chains their first step, themselves, and what is left of them behind it."""
    if not told:
        return None
    reach = max(step.gap for step, _, _ in told) + 1
    by: dict[str, list[Chain]] = {}
    for step, chain, rest in told:
        put(by, step.choice, rest if reach == 1 else chain)
    return Side(by, frozenset(by), reach, [chain for _, chain, _ in told])


def put(index: dict[str, list[Chain]], wanted: Iterable[str], chain: Chain) -> None:
    """Note a chain at each of these symbols."""
    for symbol in wanted:
        index.setdefault(symbol, []).append(chain)


def near(told: Known, place: Place, start: int, end: int, found: list[Found]) -> None:
    """Add the phrases that stand there, the known words being from `start` to `end`."""
    labels, edged, right, left = told
    for label in labels:
        found.append((start, end + 1, label))
    for chain in edged:
        check(chain, place, start, end, found)
    symbols = place.symbols
    if right is not None:
        by, wanted, reach, _ = right
        if reach > 1:
            window = symbols[end + 1 : end + 1 + reach]
            if not wanted.isdisjoint(window):
                for chain in _touched(right, window):
                    check(chain, place, start, end, found)
        elif symbols[end + 1] in by:
            for chain in by[symbols[end + 1]]:
                check(chain, place, start, end + 1, found)
    if left is not None:
        by, wanted, reach, _ = left
        if reach > 1:
            window = symbols[max(start - reach, 0) : start]
            if not wanted.isdisjoint(window):
                for chain in _touched(left, window):
                    check(chain, place, start, end, found)
        elif symbols[start - 1] in by:
            for chain in by[symbols[start - 1]]:
                check(chain, place, start - 1, end, found)


def _touched(side: Side, window: Sequence[str]) -> Sequence[Chain]:
    """The chains that may go on in these words."""
    met = [symbol for symbol in window if symbol in side.wanted]
    return side.by[met[0]] if len(met) == 1 else side.chains


def far(index: Mapping[str, Sequence[Chain]], place: Place, where: tuple[int, int, int], found: list[Found]) -> None:
    """Phrases whose other known word is a gap away; `where` is the anchor, the way (-1 or 1) and the reach."""
    at, step, reach = where
    symbols, parted = place.symbols, place.parted
    there = at
    for skipped in range(reach):
        there += step
        apart = (there if step > 0 else there + 1) in parted
        if apart and skipped:
            return
        symbol = symbols[there]
        for chain in index.get(symbol, ()):
            if skipped <= chain.gap:
                check(chain, place, min(at, there), max(at, there), found)
        if apart or symbol in UNSPANNED:
            return


def check(chain: Chain, place: Place, start: int, end: int, found: list[Found]) -> None:
    """Add the phrase whose words from `start` to `end` are there, if those around them are as well."""
    label, _, left, right, first, last = chain
    if right and (end := _last(right, place, end, 1)) < 0:
        return
    if left and (start := _last(left, place, start, -1)) < 0:
        return
    if first and start and not _is_edge(place, start - 1, start, first):
        return
    if not last or _is_edge(place, end + 1, end + 1, last):
        found.append((start, end + 1, label))


def _is_edge(place: Place, outer: int, behind: int, edge: str) -> bool:
    """Whether a piece ends at `outer`, or, where the edge is none of the whole, a comma group before `behind`."""
    return place.symbols[outer] == BREAK or (edge != "~" and behind in place.parted)


def _last(told: Way | None, place: Place, at: int, step: int) -> int:
    """The place of the last of these words, going one way from `at`; -1 if they are not there."""
    symbols = place.symbols
    while told:
        gap, choice, rest = told
        if gap:
            return _leap(told, place, at, step)
        at += step
        if symbols[at] not in choice:
            return -1
        told = rest
    return at


def _leap(told: Way, place: Place, at: int, step: int) -> int:
    """The same where other words may stand before the first of them."""
    gap, choice, rest = told
    symbols, parted = place.symbols, place.parted
    for skipped in range(gap + 1):
        at += step
        apart = (at if step > 0 else at + 1) in parted
        if apart and skipped:
            return -1
        if symbols[at] in choice and (last := _last(rest, place, at, step)) >= 0:
            return last
        if apart or symbols[at] in UNSPANNED:
            return -1
    return -1
