"""Ids of leads, guardians and children: opaque words, never somebody's phone number or address."""

import re

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SEPARATORS = str.maketrans("", "", "._-")
DIGITS = 7
"""A local phone number has at least so many."""
WITH_LETTERS = 10
"""A number with its area code: fewer digits beside letters are a case number such as L-2024-017."""
LONGEST = 18
"""Characters beyond which it is no phone number, so that UUIDs with few letters pass."""
MOSTLY = 0.7


def opaque(text: str) -> str:
    """The id itself; raises ValueError with a sentence that does not repeat it."""
    if "@" in text:
        raise ValueError("must be an opaque id, this looks like an e-mail address")
    if not _WORD.fullmatch(text):
        raise ValueError(
            "must be 1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit"
        )
    if _like_phone(text):
        raise ValueError("must be an opaque id, this looks like a phone number")
    return text


def _like_phone(text: str) -> bool:
    """Nothing but a phone number's digits, or a number with its area code that is most of it."""
    bare = text.translate(_SEPARATORS)
    digits = sum(letter.isdigit() for letter in bare)
    most = digits >= WITH_LETTERS and digits >= MOSTLY * len(bare)
    return len(bare) <= LONGEST and (most or (bare.isdigit() and digits >= DIGITS))
