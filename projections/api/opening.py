"""Opens the sealed texts of one answer, and remembers whether one of them can be opened no more."""

from dataclasses import dataclass

from domain.events import Sealed
from runtime.keys import Keyring
from schemas.sealed import unseal


@dataclass(slots=True)
class Opener:
    """What it opens is never kept."""

    keys: Keyring
    erased: bool = False

    def text(self, field: str, sealed: Sealed | None) -> str | None:
        """The text; None where there is none, and where its key was destroyed.

        Raises NotReady while keys cannot be had, and Unopenable for bytes that were changed.
        """
        if sealed is None:
            return None
        key = self.keys.by_id(sealed.key_id)
        if key is None:
            self.erased = True
            return None
        return unseal(key, field, sealed)
