"""Whether a family refuses all contact, and whether its words cannot wait (T1, T2).

Callers pass `turns.family_words` of a transcript or e-mail; our own words would be misread.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from domain.vocabulary import OptOut
from domain.wording import Hit, Phrasebook, clauses, plain, sentences

CLASSIFIER = "opt-out-1"

_TABLE = tomllib.loads(Path(__file__).with_name("opt_out.toml").read_text("utf-8"))
_BOOK = Phrasebook(_TABLE["phrases"], _TABLE["lists"])
_KEYWORDS = frozenset(_TABLE["keywords"].split())
_FILLERS = frozenset(_TABLE["fillers"].split())
_URGENT = re.compile(
    rf"(?<!\w)(?:{'|'.join(_TABLE['urgent']['words']).replace(' ', '[^a-z0-9]{1,3}')})(?!\w)"
)
_REFUSALS = frozenset({"surely", "yes", "never", "unsure"})
_ASIDES = frozenset({"limit", "often"})
_ONE_CHANNEL = frozenset(_TABLE["one_channel"].split())
_EVERY_CHANNEL = frozenset(_TABLE["every_channel"].split())
_CARRIERS = frozenset(_TABLE["carriers"].split())
_POLITE_IF = re.compile(
    r"\bif (?:you )?(?:could|can|would|will|do not mind|please|possible|at all possible|be)\b"
)
_NOT = frozenset({"not", "never", "no", "without"})
_WINDOW, _OVERLAP = 64, 12  # words; a phrase has at most 12


def opt_out(text: str) -> OptOut:
    """`yes` refuses all contact in any words, `unsure` may be meant so, `no` is anything else."""
    pieces = [plain(text[a:b]) for start, end in sentences(text) for a, b in clauses(text, start, end)]
    if _is_keyword(" ".join(pieces)):
        return OptOut.YES
    judged = set(_judged(pieces))
    if OptOut.YES in judged:
        retracted = any(hit.label == "retraction" for words in pieces for hit in _BOOK.hits(words))
        return OptOut.UNSURE if retracted else OptOut.YES
    doubt = OptOut.UNSURE in judged or any(map(_is_keyword, pieces))
    return OptOut.UNSURE if doubt else OptOut.NO


def urgent(text: str) -> bool:
    """Whether a word of the original's list occurs (T1): opt-out, sign-up, scheduling, emergency."""
    return _URGENT.search(text.lower()) is not None


def _is_keyword(words: str) -> bool:
    """Whether the words are nothing but a keyword, repeated or in polite company."""
    said = words.replace(",", " ").split()
    if not all(word in _KEYWORDS or word in _FILLERS for word in said):
        return False
    return not _KEYWORDS.isdisjoint(said) or said == ["opt", "out"]


def _judged(pieces: list[str]) -> Iterator[OptOut]:
    """One verdict for each refusal found; a channel left open anywhere speaks for the whole text."""
    found = [(words, _BOOK.hits(words)) for piece in pieces for words in _windows(piece)]
    open_channel = any(hit.label == "other_channel" for _, hits in found for hit in hits)
    for words, hits in found:
        asides = [hit for hit in hits if hit.label in _ASIDES]
        for hit in hits:
            if hit.label in _REFUSALS and not any(_voids(other, hit) for other in hits):
                yield _verdict(words, hit, asides, open_channel=open_channel)


def _windows(words: str) -> Iterator[str]:
    """A sentence without end in overlapping pieces, so that time stays linear."""
    split = words.split()
    for first in range(0, max(len(split) - _OVERLAP, 1), _WINDOW - _OVERLAP):
        yield " ".join(split[first : first + _WINDOW])


def _voids(other: Hit, hit: Hit) -> bool:
    """An idiom that touches it, or a longer phrase of doubt around it."""
    if other.label == "no":
        return hit.label != "surely" and other.start < hit.end and hit.start < other.end
    return other.label == "unsure" and other.start <= hit.start and hit.end < other.end


def _verdict(words: str, hit: Hit, asides: list[Hit], *, open_channel: bool) -> OptOut:
    said = set(words[hit.start : hit.end].split())
    before = words[: hit.start].split()
    if open_channel and said & _ONE_CHANNEL and not said & _EVERY_CHANNEL:
        return OptOut.NO
    if hit.label in {"yes", "unsure"} and _denied(before):
        return OptOut.NO
    narrowed = _narrowed(words, hit, asides)
    if narrowed is not None:
        return narrowed
    conditional = {"if", "unless"}.intersection(before) and not _POLITE_IF.search(words)
    clear = hit.label == "surely" or (hit.label != "unsure" and not conditional)
    return OptOut.YES if clear else OptOut.UNSURE


def _narrowed(words: str, hit: Hit, asides: list[Hit]) -> OptOut | None:
    """A time or place named behind it keeps the rest welcome; behind a comma it may be a mere reason."""
    for aside in asides:
        if aside.label == "often":
            return OptOut.UNSURE
        if aside.start >= hit.start:
            return OptOut.UNSURE if "," in words[hit.start : aside.start] else OptOut.NO
    return None


def _denied(before: list[str]) -> bool:
    """Whether a "not" reaches the refusal over words that carry it on."""
    reach = next((word for word in reversed(before) if word not in _CARRIERS), "")
    return reach in _NOT
