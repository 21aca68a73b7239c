"""Tables of phrases, found in plain words in one pass, so that a long table costs little."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, compress, pairwise
from operator import not_
from typing import NamedTuple

from domain.chains import BREAK, Anchor, Chain, Found, Known, Place, far
from domain.notation import COMMON, Step, Steps, Symbols, rows, steps

_COMMON = {word: 40.0 / (rank + 1) ** 0.8 for rank, word in reversed(list(enumerate(COMMON)))}
_RARE = 0.3  # of a thousand words, roughly, like all of `_COMMON`
_WIDEST = 4000  # pairs of words that one phrase may be looked up by


class Hit(NamedTuple):
    """A phrase found: its label, its first word and the one behind its last, counted without commas."""

    label: str
    start: int
    end: int


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
        self._pairs: dict[tuple[str, str], Known] = {}
        self._anchors: dict[str, Anchor] = {}
        for label, text, row in written:
            self._add(label, steps(text, row, self._symbols))

    def hits(self, tokens: Sequence[str]) -> list[Hit]:
        """Every phrase in plain words (`wording.tokens`), by place; linear in their number."""
        return self.hits_in([tokens])[0]

    def hits_in(self, pieces: Sequence[Sequence[str]]) -> list[list[Hit]]:
        """The same for each of many pieces, at the price of one long one."""
        said: list[str] = []
        for piece in pieces:
            said += piece
            said.append(BREAK)
        words, groups = grouped(said)
        found = self._found(Place(list(map(self._symbols.__getitem__, words)), groups, words))
        return _shared_out(found, [at for at, word in enumerate(words) if word == BREAK])

    def _found(self, place: Place) -> list[Found]:
        found: list[Found] = []
        pairs, anchors, symbols = self._pairs, self._anchors, place.symbols
        for at in [at for at, pair in enumerate(pairwise(symbols)) if pair in pairs]:
            pairs[symbols[at], symbols[at + 1]].find(place, at, at + 1, found)
        for at in [at for at, symbol in enumerate(symbols) if symbol in anchors]:
            anchor = anchors[symbols[at]]
            anchor.alone.find(place, at, at, found)
            if anchor.right:
                far(anchor.right, place, (at, 1, anchor.reach), found)
            if anchor.left:
                far(anchor.left, place, (at, -1, anchor.reach), found)
        found.sort()
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
        chain = Chain(label, 0, _before(words, at), words[at + 2 :], phrase.first, phrase.last)
        for left in words[at][1]:
            for right in words[at + 1][1]:
                self._pairs.setdefault((left, right), Known()).add(chain)

    def _by_word(self, label: str, phrase: Steps, at: int) -> None:
        words = phrase.words
        before, behind = _before(words, at), words[at + 1 :]
        for symbol in words[at][1]:
            anchor = self._anchors.setdefault(symbol, Anchor())
            if behind:
                gap, wanted = behind[0]
                _put(anchor.right, wanted, Chain(label, gap, before, behind[1:], phrase.first, phrase.last))
            elif before:
                gap, wanted = before[0]
                _put(anchor.left, wanted, Chain(label, gap, before[1:], (), phrase.first, phrase.last))
            else:
                gap = 0
                anchor.alone.add(Chain(label, 0, (), (), phrase.first, phrase.last))
            anchor.reach = max(anchor.reach, gap)


def _shared_out(found: list[Found], ends: list[int]) -> list[list[Hit]]:
    """What was found, by place, to the pieces that end at these places."""
    shares: list[list[Hit]] = []
    start = at = 0
    for end in ends:
        share: list[Hit] = []
        while at < len(found) and found[at][0] < end:
            first, last, label = found[at]
            share.append(tuple.__new__(Hit, (label, first - start, last - start)))
            at += 1
        shares.append(share)
        start = end + 1
    return shares


def _breadth(words: tuple[Step, ...], at: int) -> int:
    return len(words[at][1]) * len(words[at + 1][1])


def _before(words: tuple[Step, ...], at: int) -> tuple[Step, ...]:
    """The words before a place, read from right to left: each with the gap that lies to its right."""
    return tuple((words[n + 1][0], words[n][1]) for n in range(at - 1, -1, -1))


def _put(index: dict[str, list[Chain]], wanted: frozenset[str], chain: Chain) -> None:
    for symbol in wanted:
        index.setdefault(symbol, []).append(chain)


def grouped(tokens: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """The words without commas, and for each the number of commas before it."""
    if "," not in tokens:
        return tokens, (0,) * len(tokens)
    kept = list(map(",".__ne__, tokens))
    return list(compress(tokens, kept)), list(compress(accumulate(map(not_, kept)), kept))
