"""Tables of phrases, found in plain words in one pass, so that a long table costs little."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from itertools import accumulate, compress
from operator import not_
from typing import NamedTuple

from domain.chains import Anchor, Chain, Found, Gap, Knowns, Place, check, far, near, put, way
from domain.memo import Memo
from domain.notation import BREAK, COMMON, Step, Steps, Symbols, rows, steps

_COMMON = {word: 40.0 / (rank + 1) ** 0.8 for rank, word in reversed(list(enumerate(COMMON)))}
_RARE = 0.3  # of a thousand words, roughly, like all of `_COMMON`
_KEPT = 20_000  # words with their symbols
_WIDEST = 4000  # pairs of words that one phrase may be looked up by


class Hit(NamedTuple):
    """A phrase found: its label, its first word and the one behind its last, counted without commas."""

    label: str
    start: int
    end: int


class Phrasebook:
    """Labelled phrases by the rarest two neighbours of each, or by its rarest word if all are apart."""

    def __init__(
        self,
        phrases: Mapping[str, Iterable[str]],
        lists: Mapping[str, str],
        *,
        beside: "Phrasebook | None" = None,
    ) -> None:
        """Phrases by label; those of a book `beside` are found with them, in one pass."""
        self.tables: list[tuple[Mapping[str, Iterable[str]], Mapping[str, str]]]
        self.tables = [(phrases, lists), *(beside.tables if beside else ())]
        written = [
            (label, text, row)
            for phrases, lists in self.tables
            for label, texts in phrases.items()
            for text in texts
            for row in rows(text, lists)
        ]
        symbols = Symbols(row for _, _, row in written)
        self._symbols = Memo(symbols.of_word, _KEPT)
        index = _Index()
        for label, text, row in written:
            index.add(label, steps(text, row, symbols))
        self._anchors = index.anchors()

    @property
    def labels(self) -> frozenset[str]:
        """All that a hit may be labelled."""
        return frozenset(label for phrases, _ in self.tables for label in phrases)

    def hits(self, tokens: Sequence[str]) -> list[Hit]:
        """Every phrase in plain words (`wording.tokens`), by place; linear in their number."""
        return self.hits_in([tokens])[0]

    def hits_in(self, pieces: Sequence[Sequence[str]]) -> list[list[Hit]]:
        """The same for each of many pieces, at the price of one long one."""
        words, parted, ends = _laid_out(pieces)
        symbols = list(map(self._symbols.__getitem__, words))
        return _shared_out(self._found(Place(symbols, parted)), ends)

    def _found(self, place: Place) -> list[Found]:
        found: list[Found] = []
        symbols = place.symbols
        for at, anchor in enumerate(map(self._anchors.get, symbols)):
            if anchor is None:
                continue
            labels, edged, right, left, pairs = anchor
            if symbols[at + 1] in pairs:
                near(pairs[symbols[at + 1]], place, at, at + 1, found)
            for label in labels:
                found.append((at, at + 1, label))  # noqa: PERF401 - it is one label or none
            for chain in edged:
                check(chain, place, at, at, found)
            if right:
                far(right, place, at, found)
            if left:
                far(left, place, at, found)
        found.sort()
        return found


class _Index:
    """Where phrases are put while a book is made."""

    def __init__(self) -> None:
        self._pairs: dict[str, dict[str, list[Chain]]] = {}
        self._alone: dict[str, list[Chain]] = {}
        self._right: dict[str, dict[str, list[Chain]]] = {}
        self._left: dict[str, dict[str, list[Chain]]] = {}

    def add(self, label: str, phrase: Steps) -> None:
        words = phrase.words
        often = [sum(_COMMON.get(symbol, _RARE) for symbol in wanted) for _, wanted in words]
        near = [n for n in range(len(words) - 1) if not words[n + 1][0] and _breadth(words, n) <= _WIDEST]
        if near:
            self._by_pair(label, phrase, min(near, key=lambda n: often[n] * often[n + 1]))
        else:
            self._by_word(label, phrase, min(range(len(words)), key=often.__getitem__))

    def anchors(self) -> dict[str, Anchor]:
        knowns = Knowns()
        words = {**self._alone, **self._right, **self._left, **self._pairs}
        return {word: self._anchor(word, knowns) for word in words}

    def _anchor(self, word: str, knowns: Knowns) -> Anchor:
        alone = knowns.of(self._alone.get(word, ()))
        pairs = knowns.by(self._pairs.get(word, {}))
        right, left = (
            _gap(self._right.get(word), rightwards=True),
            _gap(self._left.get(word), rightwards=False),
        )
        return Anchor(alone.labels, alone.edged, right, left, pairs)

    def _by_pair(self, label: str, phrase: Steps, at: int) -> None:
        words = phrase.words
        chain = Chain(label, 0, way(_before(words, at)), way(words[at + 2 :]), phrase.first, phrase.last)
        for left in words[at][1]:
            put(self._pairs.setdefault(left, {}), words[at + 1][1], chain)

    def _by_word(self, label: str, phrase: Steps, at: int) -> None:
        words, ends = phrase.words, (phrase.first, phrase.last)
        before, behind = _before(words, at), words[at + 1 :]
        for symbol in words[at][1]:
            if behind:
                gap, wanted = behind[0]
                chain = Chain(label, gap, way(before), way(behind[1:]), *ends)
                put(self._right.setdefault(symbol, {}), wanted, chain)
            elif before:
                gap, wanted = before[0]
                put(
                    self._left.setdefault(symbol, {}), wanted, Chain(label, gap, way(before[1:]), None, *ends)
                )
            else:
                self._alone.setdefault(symbol, []).append(Chain(label, 0, None, None, *ends))


def _gap(by: dict[str, list[Chain]] | None, *, rightwards: bool) -> Gap | None:
    if not by:
        return None
    reach = max(chain.gap for chains in by.values() for chain in chains) + 1
    return Gap(by, frozenset(by), reach, rightwards, ())


def _shared_out(found: list[Found], ends: list[int]) -> list[list[Hit]]:
    """What was found, by place, to the pieces that end at these places."""
    shares: list[list[Hit]] = [[] for _ in ends]
    number, start, end, share = 0, 0, -1, []
    for first, last, label in found:
        while first >= end:
            start, end, share = end + 1, ends[number], shares[number]
            number += 1
        share.append(_hit(label, first - start, last - start))
    return shares


_hit = lru_cache(_KEPT)(Hit)  # making one takes longer than finding the same one again


def _breadth(words: tuple[Step, ...], at: int) -> int:
    return len(words[at][1]) * len(words[at + 1][1])


def _before(words: tuple[Step, ...], at: int) -> tuple[Step, ...]:
    """The words before a place, read from right to left: each with the gap that lies to its right."""
    return tuple((words[n + 1][0], words[n][1]) for n in range(at - 1, -1, -1))


def _laid_out(pieces: Iterable[Sequence[str]]) -> tuple[list[str], Set[int], list[int]]:
    """All words without commas, each piece with a break behind it; where commas stood, and the breaks."""
    words: list[str] = []
    parted: set[int] = set()
    ends: list[int] = []
    for piece in pieces:
        if "," in piece:
            for word in piece:
                if word == ",":
                    parted.add(len(words))
                else:
                    words.append(word)
        else:
            words += piece
        ends.append(len(words))
        words.append(BREAK)
    return words, parted, ends


def grouped(tokens: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """The words without commas, and for each the number of commas before it."""
    if "," not in tokens:
        return tokens, (0,) * len(tokens)
    kept = list(map(",".__ne__, tokens))
    return list(compress(tokens, kept)), list(compress(accumulate(map(not_, kept)), kept))
