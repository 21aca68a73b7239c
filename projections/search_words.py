"""What a search compares: words, numbers and addresses in one plain form, and their keyed hashes.

Names are found by the beginnings of their words, numbers by their last digits, addresses whole or by their local part.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.keys import Keyring

LABEL = b"academy-outreach search 1"
"""Sets the search key apart from anything else that is made of its key."""
NOBODY = "!search"
"""Whose key it is made of: no household has such an id."""

SHORTEST = 3
"""Letters of a beginning that is found; a shorter word is found whole."""
LONGEST = 24
"""Letters of a word that are compared; names are shorter, and each letter more is a token more."""
FEWEST_DIGITS = 4
"""Digits at the end of a number that are found; fewer are a word."""

_APART = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
"""Letters that Unicode does not take apart."""
_LETTERS = str.maketrans({**_APART, **dict.fromkeys("'’ʼ`´")})
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\+?\(?\d[\d\s().\u2010-\u2015/-]*")
_ADDRESS = re.compile(r"\S+@\S*")


class NothingToFind(ValueError):
    """What is searched for holds no letter and no digit."""


@dataclass(frozen=True, slots=True)
class Hasher:
    """Terms to tokens: the first 8 bytes of HMAC-SHA256, as Postgres holds a bigint."""

    key: bytes = field(repr=False)

    def __call__(self, term: str) -> int:
        """A token; nobody without the key can tell of which term, or try terms out."""
        return int.from_bytes(hmac.digest(self.key, term.encode(), "sha256")[:8], "big", signed=True)


def hasher(keys: Keyring) -> Hasher:
    """Under the search key, which a new master key leaves as it is; raises NotReady where it cannot be had."""
    return Hasher(search_key(keys.of(NOBODY).aes))


def search_key(key: bytes) -> bytes:
    """32 bytes by HKDF-SHA256 (RFC 5869): under another key nothing is found of what was stored under this one."""
    return HKDF(SHA256(), 32, None, LABEL).derive(key)


def plain(text: str) -> str:
    """Without case, accents and apostrophes."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(letter for letter in apart if unicodedata.category(letter) != "Mn")


def of_name(name: str) -> set[str]:
    """The terms by which a name is found."""
    return {f"w:{start}" for word in _WORD.findall(plain(name)) for start in _beginnings(word)}


def of_phone(number: str) -> set[str]:
    """The terms by which a number is found: as it is called from abroad, from home, or its last digits."""
    digits = _digits(plain(number))
    ends = (digits[start:] for start in range(len(digits) - FEWEST_DIGITS + 1))
    return {_number(end) for end in ends}


def of_email(address: str) -> set[str]:
    """The terms by which an address is found."""
    whole = plain(address.strip())
    return {f"e:{whole}", *of_name(whole.partition("@")[0])}


def asked(text: str) -> list[str]:
    """The terms that must all be found, in no order; raises NothingToFind."""
    terms = dict.fromkeys(_terms(plain(text)))
    if not terms:
        raise NothingToFind
    return list(terms)


def _terms(text: str) -> Iterator[str]:
    for address in _ADDRESS.findall(text):
        local, _, host = address.partition("@")
        yield from (f"e:{address}",) if local and host else (f"w:{word}" for word in _words(address))
    rest = _ADDRESS.sub(" ", text)
    for run in _NUMBER.findall(rest):
        if len(digits := _digits(run)) >= FEWEST_DIGITS:
            yield _number(digits)
    for word in _words(_NUMBER.sub(_without_numbers, rest)):
        yield f"w:{word}"


def _words(text: str) -> list[str]:
    return [word[:LONGEST] for word in _WORD.findall(text)]


def _without_numbers(run: re.Match[str]) -> str:
    """Digits that are too few for a number stay a word."""
    return " " if len(_digits(run[0])) >= FEWEST_DIGITS else run[0]


def _beginnings(word: str) -> Iterator[str]:
    if len(word) < SHORTEST:
        yield word
    for end in range(SHORTEST, min(len(word), LONGEST) + 1):
        yield word[:end]


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def _number(digits: str) -> str:
    """Without the noughts that are dialled before: a number from home is the end of the one from abroad."""
    return f"n:{digits.lstrip('0')}"
