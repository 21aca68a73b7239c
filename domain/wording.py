"""Plain words and phrase tables: one reading of typos, contractions and accents for every rule about text.

A phrase is words separated by spaces: `a/b` is a choice, `<list>` a named list, `x?` optional, `word*` any
ending of a stem of 4 letters or more, `#` a number, `..` up to 3 words between, none of them a "not"; `^` and
`$` are the edges of a comma group.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))
_SPELLING: dict[str, str] = _TABLE["spelling"]
_CONTRACTIONS: dict[str, str] = _TABLE["contractions"]
_TOKEN = re.compile(r"e-mail\w*|\$?\d+(?:[.:,]\d+)*\w*|[^\W_]+(?:'[^\W_]+)*|,")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_EDGE = re.compile(
    r"(?:(?<=[.!?…])(?<!\b[Mm]r\.)(?<!\b[Mm]s\.)(?<!\bMrs\.)(?<!\b[Dd]r\.)(?<!\bSt\.)(?<!\b[ap]\.m\.))\s+"
    r"|(?<=[?!])(?=[A-Z¿¡])|;|\n+"
)
_TURNING = re.compile(r",?\s{1,9}(?=(?:but|pero|however|although)\b)|\s[-–—]+\s|—", re.IGNORECASE)
_STEM = 4
_COMMON = frozenset(
    {"that", "have", "what", "will", "make", "with", "need", "want", "work", "good", "this", "your", "does"}
)
_NUMBERS = (
    "three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|twenty|thirty|forty|fifty"
)
_MARKS = {
    "^": r"(?:(?<=, )|(?<![\s\S]))",
    "$": r"(?=, |\Z)",
    "..": r"(?:(?!(?:not|no|never) )[^ ,]+ ){0,3}?",
    "#": rf"(?:(?:\$?\d\S*|{_NUMBERS}) (?:, )??)",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found in plain words: its label and its place in them."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    label: str
    pattern: re.Pattern[str]
    keys: frozenset[str]  # beginnings of the rarest word that it must contain
    also: frozenset[str]  # of the next rarest, if there is one


def plain(text: str) -> str:
    """Words in lower case without accents, one space apart, commas kept; contractions and typos undone."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
        text = "".join(c for c in folded if unicodedata.category(c) not in {"Mn", "Cf"})
    lower = _STRETCHED.sub(r"\1", text.lower())
    return " ".join(map(_respell, _TOKEN.findall(lower)))


def _respell(token: str) -> str:
    known = _SPELLING.get(token)
    if known is not None:
        return known
    if "'" not in token:
        return token
    if token.endswith("n't"):
        return f"{token[:-3]} not"
    stem, _, ending = token.rpartition("'")
    expanded = _CONTRACTIONS.get(f"'{ending}")
    return f"{stem} {expanded}" if expanded else token


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of sentences, trimmed; a line break ends one."""
    yield from _split(text, 0, len(text), _EDGE)


def clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans within a sentence that a "but" or a dash sets against each other."""
    yield from _split(text, start, end, _TURNING)


def _split(text: str, start: int, end: int, edge: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    left = start
    for cut in edge.finditer(text, start, end):
        yield from _trimmed(text, left, cut.start())
        left = cut.end()
    yield from _trimmed(text, left, end)


def _trimmed(text: str, left: int, right: int) -> Iterator[tuple[int, int]]:
    piece = text[left:right]
    if bare := piece.strip():
        first = left + piece.index(bare[0])
        yield first, first + len(bare)


class Phrasebook:
    """Labelled phrases, looked up by a word that each must contain, so that a long table costs little."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], lists: Mapping[str, str]) -> None:
        self._index: dict[str, list[_Rule]] = {}
        for label, texts in phrases.items():
            for text in texts:
                rule = _rule(label, text, lists)
                for key in rule.keys:
                    self._index.setdefault(key, []).append(rule)

    def hits(self, words: str) -> tuple[Hit, ...]:
        """Every phrase found in `plain` words, by place; linear in their number."""
        padded = f"{words} "  # every word of a pattern takes the space behind it
        stems = {word[:_STEM] for word in words.split(" ")}
        rules = {rule for key in self._index.keys() & stems for rule in self._index[key]}
        found = [
            Hit(rule.label, match.start(), match.end() - 1)
            for rule in rules
            if not rule.also or not rule.also.isdisjoint(stems)
            for match in rule.pattern.finditer(padded)
        ]
        return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.label)))


def _rule(label: str, text: str, lists: Mapping[str, str]) -> _Rule:
    parts: list[str] = []
    needed: list[frozenset[str]] = []
    for token in text.split():
        if token in _MARKS:
            parts.append(_MARKS[token])
            continue
        words = [
            w for t in token.rstrip("?").split("/") for w in (lists[t[1:-1]].split() if t[0] == "<" else [t])
        ]
        choice = "|".join(map(_word, words))
        parts.append(f"(?:(?:{choice}) (?:, )??){'?' if token.endswith('?') else ''}")
        if not token.endswith("?"):
            needed.append(frozenset(word.rstrip("*")[:_STEM] for word in words))
    if not needed:
        msg = f"phrase {text!r} has no word that it must contain; give it one that is not optional"
        raise ValueError(msg)
    keys, *others = sorted(needed, key=_rarity, reverse=True)
    return _Rule(label, re.compile("(?<!\\S)" + "".join(parts)), keys, others[0] if others else frozenset())


def _rarity(stems: frozenset[str]) -> int:
    """How seldom a word of these stems is met, roughly: long, few and not among the commonest."""
    return min(0 if stem in _COMMON else 8 * len(stem) for stem in stems) - len(stems)


def _word(word: str) -> str:
    if word.endswith("*") and len(word) <= _STEM:
        msg = f"the stem {word!r} is too short; give it {_STEM} letters before the *"
        raise ValueError(msg)
    return re.escape(word.rstrip("*")) + (r"\S*" if word.endswith("*") else "")
