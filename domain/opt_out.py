"""Whether a family refuses all contact, and whether its words cannot wait (T1, T2).

Callers pass `turns.family_words` of a transcript or e-mail; our own words would be misread.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from domain.linear import Feature, of_words, read
from domain.phrasebook import Hit, Phrasebook, grouped
from domain.vocabulary import OptOut
from domain.wording import clauses, sentences

CLASSIFIER = "opt-out-7"

_TABLE = tomllib.loads(Path(__file__).with_name("opt_out.toml").read_text("utf-8"))
BOOK = Phrasebook(_TABLE["phrases"], _TABLE["lists"])
"""What refuses, what only seems to, and what takes it back."""

_KEYWORDS = frozenset(_TABLE["keywords"].split())
_ALONE = frozenset({*_KEYWORDS, *_TABLE["fillers"].split(), ","})
_URGENT = re.compile(
    rf"(?<!\w)(?:{'|'.join(_TABLE['urgent']['words']).replace(' ', '[^a-z0-9]{1,3}')})(?!\w)"
)
_REFUSALS = frozenset({"surely", "yes", "never", "unsure", "curt"})
_TOGETHER = ({"it", "held"}, {"again", "threat"})
"""What refuses only in two places together: a number that they have, and "lose it"."""
_DENIABLE = frozenset({"yes", "unsure", "curt"})
_WEARY = frozenset({"weary", "about"})
_ONE_CHANNEL = frozenset(_TABLE["one_channel"].split())
_EVERY_CHANNEL = frozenset(_TABLE["every_channel"].split())
_CARRIERS = frozenset(_TABLE["carriers"].split())
_NOT = frozenset({"not", "never", "no", "without"})
_IF = frozenset({"if", "unless", "si"})
_MODEL = read(Path(__file__).with_name("opt_out_weights.txt"))
_SIGNS = frozenset(_TABLE["signs"].split())
_SHORT = 40  # words: the texts of the training are no longer
_SURE, _HOLDS = 0.4, 0.3  # of yes alone; of yes and unsure together
_HOLDS_RULED = 0.1  # the same where the rules find a refusal
_WINDOW, _OVERLAP = 64, 12  # words; a phrase has at most 12


def opt_out(text: str) -> OptOut:
    """`yes` refuses all contact in any words, `unsure` may be meant so, `no` is anything else."""
    return refusal(_pieces(text))


def refusal(pieces: Sequence[list[str]], found: Sequence[list[Hit]] | None = None) -> OptOut:
    """The same of clauses in plain words (`wording.clauses`), and of the phrases `BOOK` has in each, if known.

    A short text is judged by a trained model, which knows what the rules find; in a long one their finding stands,
    and what they miss, the model may find near anything that hints at it. A keyword that stands alone beside other
    sentences is held at least, as far as the rules hold it.
    """
    if _ALONE.issuperset(chain.from_iterable(pieces)) and is_keyword(chain.from_iterable(pieces)):
        return OptOut.YES
    windows = _windowed(pieces)
    hits = found if found is not None and windows is pieces else BOOK.hits_in(windows)
    ruled = _ruled(windows, hits)
    if ruled is not OptOut.NO and _length(windows) > _SHORT:
        return ruled
    weighed = _weighed(windows, hits, ruled)
    return ruled if weighed is OptOut.NO and _has_keyword(windows) else weighed


def _pieces(text: str) -> list[list[str]]:
    spans = sentences(text)
    return list(chain.from_iterable(clauses([text[start:end] for start, end in spans])))


def _windowed(pieces: Sequence[list[str]]) -> Sequence[list[str]]:
    if max(map(len, pieces), default=0) <= _WINDOW:
        return pieces
    return [words for piece in pieces for words in _windows(piece)]


def _ruled(windows: Sequence[list[str]], found: Sequence[list[Hit]]) -> OptOut:
    labels = {hit.label for hits in found for hit in hits}
    keyword = _has_keyword(windows)
    if not labels:
        return OptOut.UNSURE if keyword else OptOut.NO
    if "it" in labels and all(
        hit.label != "it" or _is_kept(words, hit)
        for words, hits in zip(windows, found, strict=True)
        for hit in hits
    ):
        labels.remove("it")
    judged: set[OptOut] = set()
    if not labels.isdisjoint(_REFUSALS):
        judged = set(_judged(zip(windows, found, strict=True), labels))
    if OptOut.YES in judged or any(pair <= labels for pair in _TOGETHER):
        return OptOut.UNSURE if "retraction" in labels else OptOut.YES
    doubt = OptOut.UNSURE in judged or keyword
    return OptOut.UNSURE if doubt and "retraction" not in labels else OptOut.NO


def _has_keyword(windows: Sequence[list[str]]) -> bool:
    """Whether a sentence of it is nothing but a keyword: no words beside it make that nothing."""
    return any(words[0] in _ALONE and is_keyword(words) for words in windows)


def _weighed(windows: Sequence[list[str]], found: Sequence[list[Hit]], ruled: OptOut) -> OptOut:
    """The gravest that the model makes of a short text, or of the clauses of a long one that hint at it."""
    verdict = OptOut.NO
    for words, hits in _hinting(windows, found):
        chances = dict(zip(_MODEL.classes, _MODEL.chances(features(words, hits, ruled)), strict=True))
        if chances[OptOut.YES] >= _SURE:
            return OptOut.YES
        if 1 - chances[OptOut.NO] >= (_HOLDS if ruled is OptOut.NO else _HOLDS_RULED):
            verdict = OptOut.UNSURE
    return verdict


def _length(windows: Sequence[list[str]]) -> int:
    return sum(map(len, windows))


def _hinting(
    windows: Sequence[list[str]], found: Sequence[list[Hit]]
) -> Iterator[tuple[Sequence[list[str]], Sequence[list[Hit]]]]:
    if _length(windows) <= _SHORT:
        if any(found) or not _SIGNS.isdisjoint(chain.from_iterable(windows)):
            yield windows, found
        return
    for at, hits in enumerate(found):
        if hits and any(hit.label in _REFUSALS for hit in hits):
            near = slice(max(at - 1, 0), at + 2)
            yield windows[near], found[near]


def features(windows: Iterable[list[str]], found: Iterable[list[Hit]], ruled: OptOut) -> set[Feature]:
    """What the model sees: words, phrases of the table, and the rules' verdict."""
    told = of_words(windows)
    for hits in found:
        told.update([f"={hit.label}" for hit in hits])
    told.add(f"=is.{ruled.value}")
    return told


def hints(text: str) -> set[Feature]:
    """The same of a text, if anything in it hints at a refusal that the rules are not sure of; else nothing."""
    windows = _windowed(_pieces(text))
    found = BOOK.hits_in(windows)
    ruled = _ruled(windows, found)
    told = [features(*near, ruled) for near in _hinting(windows, found)]
    return told[0] if told else set()


def _is_kept(words: Sequence[str], hit: Hit) -> bool:
    """Whether it is "do not lose it"."""
    said, _ = grouped(words)
    return hit.start > 0 and said[hit.start - 1] in _NOT


def urgent(text: str) -> bool:
    """Whether a word of the original's list occurs (T1): opt-out, sign-up, scheduling, emergency."""
    return _URGENT.search(text.lower()) is not None


def is_keyword(words: Iterable[str]) -> bool:
    """Whether the words are nothing but a keyword, repeated or in polite company."""
    said = [word for word in words if word != ","]
    if not _ALONE.issuperset(said):
        return False
    return not _KEYWORDS.isdisjoint(said) or said == ["opt", "out"]


def _judged(found: Iterable[tuple[list[str], list[Hit]]], labels: set[str]) -> Iterator[OptOut]:
    """One verdict for each refusal found; a channel left open anywhere speaks for the whole text."""
    for tokens_, hits in found:
        if not any(hit.label in _REFUSALS for hit in hits):
            continue
        clause = _Clause(tokens_, hits)
        for hit in hits:
            if hit.label in _REFUSALS and not any(_voids(other, hit) for other in hits):
                yield clause.verdict(hit, labels)


def _windows(words: list[str]) -> Iterator[list[str]]:
    """A sentence without end in overlapping pieces, so that time stays linear."""
    for first in range(0, max(len(words) - _OVERLAP, 1), _WINDOW - _OVERLAP):
        yield words[first : first + _WINDOW]


def _voids(other: Hit, hit: Hit) -> bool:
    """An idiom that touches it, or a longer phrase of doubt around it."""
    if other.label == "no":
        return hit.label != "surely" and other.start < hit.end and hit.start < other.end
    return other.label == "unsure" and other.start <= hit.start and hit.end < other.end


class _Clause:
    """One clause with its words, comma groups and what was found in it."""

    def __init__(self, words: list[str], hits: list[Hit]) -> None:
        self.words, self.groups = grouped(words)
        self.hits = hits

    def verdict(self, hit: Hit, labels: set[str]) -> OptOut:
        """What one refusal comes to beside a "not", an "if", a limit, and what the whole text is labelled."""
        said = set(self.words[hit.start : hit.end])
        if "other_channel" in labels and said & _ONE_CHANNEL and not said & _EVERY_CHANNEL:
            return OptOut.NO
        if hit.label in _DENIABLE and self._denied(hit):
            return OptOut.NO
        narrowed = self._narrowed(hit)
        if narrowed is not None:
            return narrowed
        weary = not labels.isdisjoint(_WEARY) or ("cold" in labels and said & (_ONE_CHANNEL | _EVERY_CHANNEL))
        doubtful = hit.label == "unsure" or (hit.label == "curt" and not weary)
        clear = hit.label == "surely" or not (doubtful or self._conditional(hit))
        return OptOut.YES if clear else OptOut.UNSURE

    def _conditional(self, hit: Hit) -> bool:
        polite = any(other.label == "polite_if" for other in self.hits)
        return not polite and not _IF.isdisjoint(self.words[: hit.start])

    def _narrowed(self, hit: Hit) -> OptOut | None:
        """A time or place named behind it keeps the rest welcome; behind a comma it may be a mere reason."""
        for aside in self.hits:
            if aside.label == "often":
                return OptOut.UNSURE
            if aside.label == "limit" and aside.start >= hit.start:
                apart = self.groups[aside.start] != self.groups[hit.start]
                return OptOut.UNSURE if apart else OptOut.NO
        return None

    def _denied(self, hit: Hit) -> bool:
        """Whether a "not" reaches the refusal over words that carry it on."""
        here = self.groups[hit.start]
        before = (at for at in range(hit.start - 1, -1, -1) if self.groups[at] == here)
        return next((self.words[at] for at in before if self.words[at] not in _CARRIERS), "") in _NOT
