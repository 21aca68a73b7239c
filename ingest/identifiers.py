"""Ids of leads, guardians and children: opaque words, never somebody's phone number or address."""

import re

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SEPARATORS = str.maketrans("", "", "._-")
DIGITS = 7
"""A local phone number has at least so many; a longest international one is 15 digits."""
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
    """7 digits or more, which are most of it."""
    bare = text.translate(_SEPARATORS)
    digits = sum(letter.isdigit() for letter in bare)
    return digits >= DIGITS and len(bare) <= LONGEST and digits >= MOSTLY * len(bare)
