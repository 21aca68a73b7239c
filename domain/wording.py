"""Plain words and sentences: one reading of typos, contractions and accents for every rule about text."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from operator import eq
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))
_CONTRACTIONS: dict[str, str] = _TABLE["contractions"]
_TOKEN = re.compile(
    r"w/o?(?=\s)|[^\W\d_]+(?:'[^\W_]+|\d\w*)*|,|\$?\d+(?:[.:,]\d+)*\w*|(?<=\s)[-–—]+(?=\s)|—|&"
)
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_APOSTROPHES = {"’": "'", "‘": "'", "`": "'", "´": "'"}
_SIGNS = str.maketrans(
    _APOSTROPHES | {face: f" {word} " for word, faces in _TABLE["faces"].items() for face in faces}
)
_EDGE = re.compile(r"[.!?…][\"”')]*(\s+)|([?!])(?=[A-Z¿¡])|(;)|(\n+)")
_ABBREVIATED = re.compile(r"\b(?:mr|mrs|ms|dr|st|[ap]\.m)\.$", re.IGNORECASE)
_THRICE = tuple(letter * 3 for letter in "aeiouyhlmnoprst")
_VOWELS = "aeiou"
TURN = "|"
"""The token that sets what follows against what stands before: a "but", a dash."""
_TURNING = dict.fromkeys(("but", "pero", "however", "although", "though", "aunque"), True)


class _Spelling(dict[str, str]):
    """How a word is spelt by the phrase tables; several words stand for some, none for a filler."""

    def __missing__(self, token: str) -> str:
        if "'" not in token:
            return token
        if token.endswith("n't"):
            return f"{token[:-3]} not"
        stem, _, ending = token.rpartition("'")
        expanded = _CONTRACTIONS.get(f"'{ending}")
        return f"{stem} {expanded}" if expanded else token


def _typos(word: str) -> Iterator[str]:
    """One letter dropped, doubled or swapped with the next, or another vowel, behind the first letter."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        if word[at] in _VOWELS:
            yield from (word[:at] + vowel + word[at + 1 :] for vowel in _VOWELS)


def _spelling() -> _Spelling:
    words = _TABLE["often_misspelt"]["words"].split()
    taken = set(_TABLE["often_misspelt"]["other_words"].split()) | set(words)
    known = {typo: word for word in words for typo in _typos(word) if typo not in taken}
    known |= dict.fromkeys(_TABLE["fillers"]["words"].split(), "")
    known |= dict.fromkeys(("-", "--", "—", "–"), TURN)
    return _Spelling(known | _TABLE["spelling"])


_SPELLING = _spelling()


def tokens(text: str) -> list[str]:
    """Words in lower case without accents; commas and turns kept, contractions, typos and stammers undone."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text.translate(_SIGNS))
        text = "".join(c for c in folded if unicodedata.category(c) not in {"Mn", "Cf"})
    lower = text.lower().replace("e-mail", "email")
    if any(letters in lower for letters in _THRICE):
        lower = _STRETCHED.sub(r"\1", lower)
    found = " ".join(map(_SPELLING.__getitem__, _TOKEN.findall(lower))).split()
    if any(map(eq, found, found[1:])):
        return [word for before, word in zip(["", *found], found, strict=False) if word != before]
    return found


def plain(text: str) -> str:
    """The same as one string, without turns."""
    return " ".join(word for word in tokens(text) if word != TURN)


def clauses(words: list[str]) -> Iterator[list[str]]:
    """Runs of words between the turns; a "but" begins one."""
    start = 0
    for at, word in enumerate(words):
        if word == TURN or word in _TURNING:
            if at > start:
                yield words[start:at]
            start = at + (word == TURN)
    if start < len(words):
        yield words[start:] if start else words


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of sentences, trimmed; a line break ends one."""
    left = 0
    for cut in _EDGE.finditer(text):
        if cut.lastindex == 1:
            if "\n" not in cut[1] and text[cut.start()] == "." and _ABBREVIATED.search(text, max(left, cut.start() - 3), cut.start() + 1):
                continue
        begin, end = cut.span(cut.lastindex or 0)
        yield from _trimmed(text, left, end if cut.lastindex == 2 else begin)
        left = end
    yield from _trimmed(text, left, len(text))


def _trimmed(text: str, left: int, right: int) -> Iterator[tuple[int, int]]:
    piece = text[left:right]
    if bare := piece.strip():
        first = left + piece.index(bare[0])
        yield first, first + len(bare)
