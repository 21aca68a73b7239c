"""What a draft never repeats from somebody's words: a price, a date, a place or a promise of its own (F4)."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from importlib.resources import files

from domain.wording import plain

_TABLE = tomllib.loads(files("domain").joinpath("claims.toml").read_text("utf-8"))
KINDS = ("money", "time", "place", "promise")
"""What words can claim; a digit claims a `number`, and a word that no table has is `unknown`."""

_KIND = {word: kind for kind in KINDS for word in _TABLE[kind].split()}
_PLAIN = frozenset(_TABLE["plain"].split())
_NAMES = frozenset(_TABLE["names"].split())
_STEMS = tuple(word for word in _KIND if len(word) >= 6)  # long enough never to be part of a name by chance
_MONEY = re.compile(r"[$€£¥₹¢%]")
_WRITTEN = re.compile(r"(?:[^\W\d_]|[\s'’.,!?\"“”()/&+-])*")
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HUMP = re.compile(r"['’-]|(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 20


def claim(text: str, configured: Iterable[str] = ()) -> str | None:
    """What keeps a text out of a draft: money, time, place, promise, number or unknown; None if nothing does.

    Whatever the academy's configuration says in so many words is no claim of the text's own.
    """
    rest = _without(text, configured)
    if _MONEY.search(rest):
        return "money"
    if any(letter.isnumeric() for letter in unicodedata.normalize("NFKD", rest)):
        return "number"
    words = plain(rest).replace(",", " ").split()
    found = [_KIND.get(word, "unknown") for word in words if word not in _PLAIN]
    if not _WRITTEN.fullmatch(rest):
        found.append("unknown")
    return next((kind for kind in found if kind != "unknown"), found[0] if found else None)


def first_name(full: str | None) -> str | None:
    """The first of a person's names as a draft may say it; None for what is not plainly a name."""
    first = next(iter((full or "").split()), "")
    if not 1 < len(first) <= _LONGEST_NAME or not _NAME.fullmatch(first) or not _one_script(first):
        return None
    parts = [plain(part) for part in _HUMP.split(first)]
    if any(part in _KIND and part not in _NAMES for part in parts):
        return None
    whole = "".join(plain(first).split())
    if whole not in _NAMES and any(stem in whole for stem in _STEMS if stem not in _NAMES):
        return None
    return first


def _without(text: str, configured: Iterable[str]) -> str:
    for own in sorted(configured, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


def _one_script(word: str) -> bool:
    """Whether no letter only looks like one of another alphabet."""
    letters = [letter for letter in word if letter.isalpha()]
    return len({unicodedata.name(letter, "?").split(" ")[0] for letter in letters}) == 1
