"""Opens the sealed texts of one household for one answer, and remembers that it did: who reads is written down."""

from collections.abc import Iterator, Set
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.events import Sealed
from runtime.keys import Keyring
from schemas.sealed import Key, unseal

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


class Opens(Protocol):
    """Who has the keys: a keyring, or what `prepared` has of one."""

    def by_id(self, key_id: str) -> Key | None:
        """The key that a sealed value names; None if nobody holds it any more. Raises NotReady."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Keys that were asked for together; any other is asked for alone."""

    keys: Keyring
    asked: Set[str]
    found: dict[str, Key]

    def by_id(self, key_id: str) -> Key | None:
        """As a keyring has it."""
        return self.found.get(key_id) if key_id in self.asked else self.keys.by_id(key_id)


def prepared(keys: Keyring, stored: Any) -> Prepared:
    """The keys of every sealed value in rows as they are stored, by one question; raises NotReady."""
    named: set[str] = set()
    _name(stored, named)
    return Prepared(keys, named, keys.by_ids(named))


def _name(stored: Any, named: set[str]) -> None:
    """Collect the key ids of sealed values, wherever they are in what was decoded from JSON."""
    if isinstance(stored, dict):
        if isinstance(key_id := stored.get("key_id"), str):
            named.add(key_id)
            return
        stored = stored.values()
    elif not isinstance(stored, list | tuple):
        return
    for one in stored:
        if not isinstance(one, str):
            _name(one, named)


@dataclass(slots=True)
class Opener:
    """What it opens is never kept."""

    keys: Opens
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
