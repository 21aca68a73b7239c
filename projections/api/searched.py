"""What a reader searches for: words of names, numbers and addresses, and the tokens that are looked for."""

from collections.abc import Callable
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from projections.search_words import NothingToFind, asked, hasher
from runtime.keys import Keyring

Token = Callable[[str], int]
"""A term's token, as the view holds it."""

MOST = 8
"""Terms of one question: more than a name, a number and an address have together."""


def tokens(keys: Keyring) -> Token:
    """Tokens under the search key, which is asked for at the first search; they raise NotReady while it is away."""
    made = cache(lambda: hasher(keys))

    def token(term: str) -> int:
        return made()(term)

    return token


def found_by(text: str | None, token: Token) -> tuple[int, ...]:
    """What must all be found."""
    return () if text is None else tuple(token(term) for term in asked(text))


def _searchable(text: str) -> str:
    try:
        terms = asked(text)
    except NothingToFind:
        raise ValueError("must hold a letter or a digit of what is searched for") from None
    if len(terms) > MOST:
        raise ValueError(f"must not hold more than {MOST} words")
    return text


Searched = Annotated[
    Annotated[str, Field(max_length=200), AfterValidator(_searchable)] | None,
    Field(
        description="names by their words' beginnings (three letters or more), telephone numbers whole or by their"
        " last digits (four or more), e-mail addresses whole or by their local part, of guardians and children;"
        " all of it must be found",
        examples=["whit dana", "555-0101", "dana@example.org"],
    ),
]
