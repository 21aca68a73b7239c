"""Where a page ended, as an opaque word that only the same list accepts, and that only we can have made."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

LABEL = "cursors"
"""Of the key under which they are signed: another use of the master key has another one."""
_SIGNATURE = 15  # bytes of it; a multiple of three, so that base64 needs no padding


class InvalidCursor(ValueError):
    """The cursor was not given by this list with these filters; ask for its first page again."""


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads cursors under one key, which every copy of the API derives alike from the master key."""

    key: bytes = field(repr=False)

    def made(self, listing: Sequence[str | None], place: Sequence[str | int]) -> str:
        """The place of a page's last item in one listing, which is its name, order and filters."""
        where = json.dumps(list(place)).encode()
        return _word(self._signature(listing, where) + where)

    def place(self, listing: Sequence[str | None], given: str) -> list[str | int]:
        """The place again; raises InvalidCursor for a word that another listing gave, or nobody."""
        try:
            raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        except (ValueError, binascii.Error):
            raise InvalidCursor from None
        signature, where = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(listing, where)):
            raise InvalidCursor
        if _word(raw) != given:  # base64 has several words for the same bytes; we gave one of them
            raise InvalidCursor
        found: list[str | int] = json.loads(where)  # nobody else can have signed it
        return found

    def _signature(self, listing: Sequence[str | None], where: bytes) -> bytes:
        said = json.dumps(list(listing)).encode() + b"\n" + where
        return hmac.digest(self.key, said, hashlib.sha256)[:_SIGNATURE]


def _word(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
