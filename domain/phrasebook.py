"""Tables of phrases, found in plain words in one pass, so that a long table costs little."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from domain.notation import COMMON, Step, Steps, Symbols, rows, steps

NEGATORS = frozenset({"not", "never", "no", "without", "nor", "neither", "hardly", "nobody", "ni", "nunca"})
_COMMON = {word: 40.0 / (rank + 1) ** 0.8 for rank, word in reversed(list(enumerate(COMMON)))}
_RARE = 0.3  # of a thousand words, roughly, like all of `_COMMON`
_WIDEST = 4000  # pairs of words that one phrase may be looked up by
_PLACE = itemgetter(1, 2, 0)
_BREAK = "^"  # between two pieces: a word of no phrase that no gap spans
_UNSPANNED = NEGATORS | {_BREAK}


class Hit(NamedTuple):
    """A phrase found: its label, its first word and the one behind its last, counted without commas."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Chain:
    """A phrase around the words by which it is looked up."""

    label: str
    gap: int  # between the two known words, if they are two
    left: tuple[Step, ...]  # from the known words to the left, each with the gap before the word to its right
    right: tuple[Step, ...]
    first: str  # "", "^" or "~"
    last: str  # "", "$" or "~"


@dataclass(slots=True)
class _Anchor:
    """The phrases of one word: of it alone, and by another word some way to its left or right."""

    alone: list[_Chain] = field(default_factory=list)
    left: dict[str, list[_Chain]] = field(default_factory=dict)
    right: dict[str, list[_Chain]] = field(default_factory=dict)
    reach: int = 0  # the widest gap


class _Place:
    """Where the words of one lookup are: symbols, comma groups, and the words themselves."""

    __slots__ = ("groups", "symbols", "words")

    def __init__(self, symbols: list[str], groups: Sequence[int], words: Sequence[str]) -> None:
        self.symbols, self.groups, self.words = symbols, groups, words


class Phrasebook:
    """Labelled phrases by the rarest two neighbours of each, or by its rarest word if all are apart."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], lists: Mapping[str, str]) -> None:
        written = [
            (label, text, row)
            for label, texts in phrases.items()
            for text in texts
            for row in rows(text, lists)
        ]
        self._symbols = Symbols(row for _, _, row in written)
        self._pairs: dict[tuple[str, str], list[_Chain]] = {}
        self._anchors: dict[str, _Anchor] = {}
        for label, text, row in written:
            self._add(label, steps(text, row, self._symbols))

    def hits(self, tokens: Sequence[str]) -> list[Hit]:
        """Every phrase in plain words (`wording.tokens`), by place; linear in their number."""
        return self.hits_in([tokens])[0]

    def hits_in(self, pieces: Sequence[Sequence[str]]) -> list[list[Hit]]:
        """The same for each of many pieces, at the price of one long one."""
        if not pieces:
            return []
        words: list[str] = []
        groups: list[int] = []
        starts: list[int] = []
        for piece in pieces:
            starts.append(len(words))
            own, commas = grouped(piece)
            words += own
            words.append(_BREAK)
            groups += [group + len(groups) for group in commas] if any(commas) else [len(groups)] * len(own)
            groups.append(-1)
        symbols = list(map(self._symbols.__getitem__, words))
        return _shared_out(self._found(_Place(symbols, groups, words)), starts)

    def _found(self, place: _Place) -> list[Hit]:
        found: list[Hit] = []
        pairs, anchors, symbols = self._pairs, self._anchors, place.symbols
        for at, pair in enumerate(pairwise(symbols)):
            if pair in pairs:
                for chain in pairs[pair]:
                    _check(chain, place, at, at + 1, found)
        for at, symbol in enumerate(symbols):
            if symbol in anchors:
                anchor = anchors[symbol]
                for chain in anchor.alone:
                    _check(chain, place, at, at, found)
                if anchor.right:
                    _far(anchor.right, place, (at, 1, anchor.reach), found)
                if anchor.left:
                    _far(anchor.left, place, (at, -1, anchor.reach), found)
        found.sort(key=_PLACE)
        return found

    def _add(self, label: str, phrase: Steps) -> None:
        words = phrase.words
        often = [sum(_COMMON.get(symbol, _RARE) for symbol in wanted) for _, wanted in words]
        near = [n for n in range(len(words) - 1) if not words[n + 1][0] and _breadth(words, n) <= _WIDEST]
        if near:
            self._by_pair(label, phrase, min(near, key=lambda n: often[n] * often[n + 1]))
        else:
            self._by_word(label, phrase, min(range(len(words)), key=often.__getitem__))

    def _by_pair(self, label: str, phrase: Steps, at: int) -> None:
        words = phrase.words
        chain = _Chain(label, 0, _before(words, at), words[at + 2 :], phrase.first, phrase.last)
        for left in words[at][1]:
            for right in words[at + 1][1]:
                self._pairs.setdefault((left, right), []).append(chain)

    def _by_word(self, label: str, phrase: Steps, at: int) -> None:
        words = phrase.words
        before, behind = _before(words, at), words[at + 1 :]
        for symbol in words[at][1]:
            anchor = self._anchors.setdefault(symbol, _Anchor())
            if behind:
                gap, wanted = behind[0]
                _put(anchor.right, wanted, _Chain(label, gap, before, behind[1:], phrase.first, phrase.last))
            elif before:
                gap, wanted = before[0]
                _put(anchor.left, wanted, _Chain(label, gap, before[1:], (), phrase.first, phrase.last))
            else:
                gap = 0
                anchor.alone.append(_Chain(label, 0, (), (), phrase.first, phrase.last))
            anchor.reach = max(anchor.reach, gap)


def _shared_out(found: list[Hit], starts: list[int]) -> list[list[Hit]]:
    """Hits by place, to the pieces that begin at these places."""
    shares: list[list[Hit]] = []
    at = 0
    for start, end in pairwise([*starts, sys.maxsize]):
        share: list[Hit] = []
        while at < len(found) and found[at].start < end:
            label, first, last = found[at]
            share.append(Hit(label, first - start, last - start))
            at += 1
        shares.append(share)
    return shares


def _breadth(words: tuple[Step, ...], at: int) -> int:
    return len(words[at][1]) * len(words[at + 1][1])


def _before(words: tuple[Step, ...], at: int) -> tuple[Step, ...]:
    """The words before a place, read from right to left: each with the gap that lies to its right."""
    return tuple((words[n + 1][0], words[n][1]) for n in range(at - 1, -1, -1))


def _put(index: dict[str, list[_Chain]], wanted: frozenset[str], chain: _Chain) -> None:
    for symbol in wanted:
        index.setdefault(symbol, []).append(chain)


def grouped(tokens: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """The words without commas, and for each the number of commas before it."""
    if "," not in tokens:
        return tokens, (0,) * len(tokens)
    words, groups, group = [], [], 0
    for word in tokens:
        if word == ",":
            group += 1
        else:
            words.append(word)
            groups.append(group)
    return words, groups


def _far(
    index: dict[str, list[_Chain]], place: _Place, where: tuple[int, int, int], found: list[Hit]
) -> None:
    """Phrases whose other known word is a gap away; `where` is the anchor, the way (-1 or 1) and the reach."""
    at, way, reach = where
    symbols, groups, words = place.symbols, place.groups, place.words
    group, size = groups[at], len(words)
    there = at + way
    for skipped in range(reach + 1):
        if not 0 <= there < size or (groups[there] != group and skipped):
            return
        if symbols[there] in index:
            for chain in index[symbols[there]]:
                if skipped <= chain.gap:
                    _check(chain, place, min(at, there), max(at, there), found)
        if words[there] in _UNSPANNED or groups[there] != group:
            return
        there += way


def _check(chain: _Chain, place: _Place, start: int, end: int, found: list[Hit]) -> None:
    """Add the phrase whose words from `start` to `end` are there, if those around them are as well."""
    symbols, left, right = place.symbols, chain.left, chain.right
    if left and not left[0][0] and symbols[start - 1] not in left[0][1]:
        return  # most fail here; before the first word stands the last break
    if right and (
        (not right[0][0] and symbols[end + 1] not in right[0][1]) or (end := _walk(right, place, end, 1)) < 0
    ):
        return
    if left and (start := _walk(left, place, start, -1)) < 0:
        return
    groups, words = place.groups, place.words
    if (
        chain.first
        and start
        and (words[start - 1] != _BREAK if chain.first == "~" else groups[start - 1] == groups[start])
    ):
        return
    if not chain.last or (words[end + 1] == _BREAK if chain.last == "~" else groups[end + 1] != groups[end]):
        found.append(Hit(chain.label, start, end + 1))


def _walk(wanted: tuple[Step, ...], place: _Place, at: int, way: int) -> int:
    """The place of the last of these words, going one way from `at`; -1 if they are not there."""
    if not wanted:
        return at
    gap, choice = wanted[0]
    symbols, groups = place.symbols, place.groups
    there = at + way
    for skipped in range(gap + 1):
        if not 0 <= there < len(groups) or (skipped and groups[there] != groups[at]):
            return -1
        if symbols[there] in choice and (last := _walk(wanted[1:], place, there, way)) >= 0:
            return last
        if place.words[there] in _UNSPANNED or groups[there] != groups[at]:
            return -1
        there += way
    return -1
