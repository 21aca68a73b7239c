"""Where a page ended, as an opaque word that only the same list accepts."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

_BINDING = 9  # bytes of the digest; a multiple of three, so that base64 needs no padding


class InvalidCursor(ValueError):
    """The cursor was not given by this list with these filters; ask for its first page again."""


def cursor(listing: Sequence[str | None], place: Sequence[str | int]) -> str:
    """The place of a page's last item in one listing, which is its name, order and filters."""
    return base64.urlsafe_b64encode(_binding(listing) + json.dumps(list(place)).encode()).decode().rstrip("=")


def place(listing: Sequence[str | None], given: str) -> list[str | int]:
    """The place again; raises InvalidCursor for a word that another listing gave, or nobody."""
    try:
        raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        found = json.loads(raw[_BINDING:])
    except (ValueError, binascii.Error):
        raise InvalidCursor from None
    if raw[:_BINDING] != _binding(listing) or not isinstance(found, list):
        raise InvalidCursor
    return found


def _binding(listing: Sequence[str | None]) -> bytes:
    return hashlib.sha256(json.dumps(list(listing)).encode()).digest()[:_BINDING]
