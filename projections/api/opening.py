"""Opens the sealed texts of one answer, and remembers whether one of them can be opened no more."""

from dataclasses import dataclass, field

from domain.events import Sealed
from runtime.keys import Keyring
from schemas.sealed import unseal


@dataclass(slots=True)
class Opener:
    """What it opens is never kept."""

    keys: Keyring
    erased: bool = False
    _gone: set[str] = field(default_factory=set)  # asked for once: nobody remembers a key that is not there

    def text(self, field: str, sealed: Sealed | None) -> str | None:
        """The text; None where there is none, and where its key was destroyed.

        Raises NotReady while keys cannot be had, and Unopenable for bytes that were changed.
        """
        if sealed is None:
            return None
        key = None if sealed.key_id in self._gone else self.keys.by_id(sealed.key_id)
        if key is None:
            self.erased = True
            self._gone.add(sealed.key_id)
            return None
        return unseal(key, field, sealed)
