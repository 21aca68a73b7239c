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


class Gap(NamedTuple):
    """Chains whose next word is some way off on one side, not farther than `reach`, by that word."""

    by: Mapping[str, Sequence[Chain]]
    wanted: frozenset[str]  # all of `by`
    reach: int
    rightwards: bool
    chains: Sequence[Chain]  # all of them, for where several of the words stand


class Known(NamedTuple):
    """The phrases of known words: labels of those that are nothing more, and those to be checked further."""

    labels: Sequence[str]
    edged: Sequence[Chain]
    after: Mapping[str, "Known"]  # by the word right behind the known ones
    before: Mapping[str, "Known"]
    gaps: Sequence[Gap]


class Anchor(NamedTuple):
    """The phrases of one word: of it alone, by another word some way to its left or right, and by the next word."""

    labels: Sequence[str]
    edged: Sequence[Chain]
    right: Gap | None
    left: Gap | None
    pairs: Mapping[str, Known]


def way(steps: Iterable[Step]) -> Way | None:
    """The words of these steps, the nearest first."""
    told: Way | None = None
    for gap, choice in reversed(list(steps)):
        told = Way(gap, choice, told)
    return told


class Knowns:
    """Makes what is known of words; of words that have the same phrases once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Chain, ...], Known] = {}

    def of(self, chains: Sequence[Chain]) -> Known:
        """The phrases of the same known words, by what is checked next: first on the right, then on the left."""
        key = tuple(chains)
        if key not in self._made:
            self._made[key] = self._known(key)
        return self._made[key]

    def by(self, index: Mapping[str, Sequence[Chain]]) -> dict[str, Known]:
        """The same for each word of an index."""
        return {symbol: self.of(chains) for symbol, chains in index.items()}

    def _known(self, chains: Sequence[Chain]) -> Known:
        done = [one for one in chains if not (one.left or one.right)]
        right = [(one.right, one) for one in chains if one.right]
        left = [(one.left, one) for one in chains if one.left and not one.right]
        gaps = (_gap(right, rightwards=True), _gap(left, rightwards=False))
        return Known(
            [one.label for one in done if not (one.first or one.last)],
            [one for one in done if one.first or one.last],
            self._beside([(step, one._replace(right=step.rest)) for step, one in right if not step.gap]),
            self._beside([(step, one._replace(left=step.rest)) for step, one in left if not step.gap]),
            [gap for gap in gaps if gap.chains],
        )

    def _beside(self, told: Sequence[tuple[Way, Chain]]) -> dict[str, Known]:
        """Of chains their next word, and what is left of them behind it."""
        by: dict[str, list[Chain]] = {}
        for step, rest in told:
            put(by, step.choice, rest)
        return self.by(by)


def put(index: dict[str, list[Chain]], wanted: Iterable[str], chain: Chain) -> None:
    """Note a chain at each of these symbols."""
    for symbol in wanted:
        index.setdefault(symbol, []).append(chain)


def _gap(told: Sequence[tuple[Way, Chain]], *, rightwards: bool) -> Gap:
    apart = [(step, chain) for step, chain in told if step.gap]
    by: dict[str, list[Chain]] = {}
    for step, chain in apart:
        put(by, step.choice, chain)
    reach = max((step.gap for step, _ in apart), default=0) + 1
    return Gap(by, frozenset(by), reach, rightwards, [chain for _, chain in apart])


def near(told: Known, place: Place, start: int, end: int, found: list[Found]) -> None:
    """Add the phrases that stand there, the known words being from `start` to `end`."""
    labels, edged, after, before, gaps = told
    symbols = place.symbols
    for label in labels:
        found.append((start, end + 1, label))  # noqa: PERF401 - it is one label or none
    for chain in edged:
        check(chain, place, start, end, found)
    if after and symbols[end + 1] in after:
        near(after[symbols[end + 1]], place, start, end + 1, found)
    if before and symbols[start - 1] in before:
        near(before[symbols[start - 1]], place, start - 1, end, found)
    for gap in gaps:
        _, wanted, reach, rightwards, _ = gap
        window = symbols[end + 1 : end + 1 + reach] if rightwards else symbols[max(start - reach, 0) : start]
        if not wanted.isdisjoint(window):
            for chain in _touched(gap, window):
                check(chain, place, start, end, found)


def _touched(gap: Gap, window: Sequence[str]) -> Sequence[Chain]:
    """The chains that may go on in these words."""
    met = [symbol for symbol in window if symbol in gap.wanted]
    return gap.by[met[0]] if len(met) == 1 else gap.chains


def far(gap: Gap, place: Place, at: int, found: list[Found]) -> None:
    """Add the phrases of the word at a place whose other known word is a gap away, once for each such word."""
    by, wanted, reach, rightwards, _ = gap
    symbols = place.symbols
    if wanted.isdisjoint(
        symbols[at + 1 : at + 1 + reach] if rightwards else symbols[max(at - reach, 0) : at]
    ):
        return
    step = 1 if rightwards else -1
    for there in range(at + step, at + step * (reach + 1), step):
        symbol = symbols[there]
        start, end = (at, there) if rightwards else (there, at)
        if symbol in wanted and _are_together(place, start, end):
            for chain in by[symbol]:
                if end - start <= chain.gap + 1:
                    check(chain, place, start, end, found)
        if symbol == BREAK:
            return


def _are_together(place: Place, start: int, end: int) -> bool:
    """Whether a gap may span what is between two words: no comma, no "not", no end of a piece; nothing is, too."""
    if end == start + 1:
        return True
    if not UNSPANNED.isdisjoint(place.symbols[start + 1 : end]):
        return False
    return place.parted.isdisjoint(range(start + 1, end + 1))


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
