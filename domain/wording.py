"""Plain words and sentences: one reading of typos, contractions and accents for every rule about text."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import eq
from pathlib import Path
from sys import intern

from domain.memo import Memo

_TABLE = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))
_CONTRACTIONS: dict[str, str] = _TABLE["contractions"]
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_APOSTROPHES = {"’": "'", "‘": "'", "`": "'", "´": "'", "—": " - ", "–": "-", "\u200b": ""}
_SIGNS = str.maketrans(
    _APOSTROPHES | {face: f" {word} " for word, faces in _TABLE["faces"].items() for face in faces}
)
_EDGE = re.compile(r"[.!?…;\n](?:(?<=[.!?…])[\"”')]*\s+|(?<=[?!])(?=[A-Z¿¡])|(?<=;)|(?<=\n)\n*)")
_ABBREVIATED = re.compile(r"\b(?:mr|mrs|ms|dr|st|[ap]\.m)\.$", re.IGNORECASE)
_ABBREVIATIONS = frozenset({"mr", "rs", "ms", "dr", "st", ".m"})  # how they end, for most words do not
_WRITTEN = ((",", " , "), ("&", " and "), ("e-mail", "email"), ("w/o ", "without "), ("w/ ", "with "))
_TELLING = (",", "&", "e-mail", "w/")
_THRICE = tuple(letter * 3 for letter in "aeiouyhlmnoprst")
_VOWELS = "aeiou"
TURN = "|"
"""The token that sets what follows against what stands before: a "but", a dash."""
_APART = "^"  # between texts that are spelt out in one go
_TURNING = frozenset({TURN, "but", "pero", "however", "although", "though", "aunque"})
_CUTS = _TURNING | {_APART}


def _typos(word: str) -> Iterator[str]:
    """One letter dropped, doubled or swapped with the next, or another vowel, behind the first letter."""
    for at in range(1, len(word)):
        if at < len(word) - 1:  # without its last letter it may be another form of the word
            yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        if word[at] in _VOWELS:
            yield from (word[:at] + vowel + word[at + 1 :] for vowel in _VOWELS)


def _spelling() -> dict[str, str]:
    words = _TABLE["often_misspelt"]["words"].split()
    taken = set(_TABLE["often_misspelt"]["other_words"].split()) | set(words)
    known = {typo: word for word in words for typo in _typos(word) if typo not in taken}
    known |= dict.fromkeys(_TABLE["fillers"]["words"].split(), "")
    known |= dict.fromkeys(("-", "--"), TURN)
    known.update(_TABLE["spelling"])
    return known


_SPELLING = _spelling()
_IS = frozenset(_TABLE["contractions"]["is_behind"].split())
_GAPS = str.maketrans(
    {sign: " " for sign in map(chr, range(128)) if not sign.isalnum() and sign not in "',|-$"}
)
_KEPT = 20_000  # spellings: a person uses a few thousand words, and most of them are those of everybody


def tokens(text: str) -> list[str]:
    """Words in lower case without accents; commas and turns kept, contractions, typos and stammers undone."""
    return _words([text])


def clauses(texts: Sequence[str]) -> list[list[list[str]]]:
    """Runs of words between the turns, for each of many texts at the price of one long one; a "but" begins one."""
    words = _words(texts)
    parts: list[list[list[str]]] = [[]]
    start = 0
    for at in [at for at, word in enumerate(words) if word in _CUTS]:
        if at > start:
            parts[-1].append(words[start:at])
        word = words[at]
        start = at if word in _TURNING and word != TURN else at + 1
        if word == _APART:
            parts.append([])
    if len(words) > start:
        parts[-1].append(words[start:])
    return parts if texts else []


def _words(texts: Sequence[str]) -> list[str]:
    whole = f" {_APART} ".join(texts)
    if whole.count(_APART) >= len(texts):
        whole = f" {_APART} ".join([text.replace(_APART, " ") for text in texts])
    said = (whole.lower() if whole.isascii() else whole).split()
    return _once(list(chain.from_iterable(map(_SPELT.__getitem__, said))))


def _once(words: list[str]) -> list[str]:
    """Without stammers: of the same word several times in a row the first."""
    if not any(map(eq, words, words[1:])):
        return words
    return [
        word for before, word in zip(["", *words], words, strict=False) if word != before or word == _APART
    ]


def _spelt(said: str) -> tuple[str, ...]:
    """What stands between two spaces in plain words, which may be none."""
    if said == _APART:
        return (_APART,)
    if said.isascii() and said.isalpha() and not _STRETCHED.search(lower := said.lower()):
        return tuple(map(intern, _SPELLING.get(lower, lower).split()))
    lower = f"{_folded(said)} "
    if any(sign in lower for sign in _TELLING):
        for written, meant in _WRITTEN:
            lower = lower.replace(written, meant)
    if _STRETCHED.search(lower) and any(letters in lower for letters in _THRICE):
        lower = _STRETCHED.sub(r"\1", lower)
    spelt = (_expanded(_SPELLING.get(word, word)) for word in lower.translate(_GAPS).split())
    return tuple(map(intern, " ".join(spelt).split()))


_SPELT = Memo(_spelt, _KEPT)


def _folded(text: str) -> str:
    """In lower case, without accents and what is no letter, number or ASCII sign."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text.translate(_SIGNS))
        text = _FOREIGN.sub(_letter, folded)
    return text.lower()


def _letter(foreign: re.Match[str]) -> str:
    if unicodedata.category(foreign[0]) in {"Mn", "Cf"}:
        return ""
    return foreign[0] if foreign[0].isalnum() else " "


def _expanded(word: str) -> str:
    """A contraction in full, a hyphenated word in two; other words as they are."""
    if "-" in word:
        return (
            " ".join(_expanded(_SPELLING.get(part, part)) for part in word.split("-"))
            if word != TURN
            else word
        )
    if "'" not in word:
        return word
    word = word.strip("'")
    if word.endswith("n't"):
        return f"{word[:-3]} not"
    stem, _, ending = word.rpartition("'")
    expanded = _CONTRACTIONS.get(f"'{ending}") or ("is" if ending == "s" and stem in _IS else None)
    if expanded is None:
        return _SPELLING.get(word, word)
    return f"{_SPELLING.get(stem, stem)} {expanded}"


def plain(text: str) -> str:
    """The same as one string, without turns."""
    return " ".join(word for word in tokens(text) if word != TURN)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of sentences, trimmed; a line break ends one."""
    spans: list[tuple[int, int]] = []
    left = 0
    for cut in _EDGE.finditer(text):
        begin, end = cut.span()
        if text[begin] == "." and _is_abbreviated(text, left, begin) and "\n" not in cut[0]:
            continue
        _trim(text, left, end, spans)
        left = end
    if left < len(text):
        _trim(text, left, len(text), spans)
    return spans


def _trim(text: str, left: int, right: int, spans: list[tuple[int, int]]) -> None:
    bare = text[left:right].strip()
    if bare[-1:] == ";":
        bare = bare.rstrip(";").rstrip()
    if bare:
        first = left if text[left] == bare[0] else text.index(bare, left)
        spans.append((first, first + len(bare)))


def _is_abbreviated(text: str, left: int, stop: int) -> bool:
    """Whether a full stop is that of a title or an hour."""
    if text[max(stop - 2, 0) : stop].lower() not in _ABBREVIATIONS:
        return False
    return _ABBREVIATED.search(text, max(left, stop - 3), stop + 1) is not None
