"""Opens the sealed texts of one household for one answer, and remembers that it did: who reads is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from domain.events import Sealed
from runtime.keys import Keyring
from schemas.sealed import unseal

_OPENED: ContextVar[set[str] | None] = ContextVar("opened", default=None)


@contextmanager
def remembering() -> Iterator[set[str]]:
    """The households of which a text is opened while the context lasts, also by threads that work for it."""
    opened: set[str] = set()
    mark = _OPENED.set(opened)
    try:
        yield opened
    finally:
        _OPENED.reset(mark)


@dataclass(slots=True)
class Opener:
    """What it opens is never kept."""

    keys: Keyring
    lead_id: str
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
        opened = unseal(key, field, sealed)
        if (remembered := _OPENED.get()) is not None:
            remembered.add(self.lead_id)
        return opened
