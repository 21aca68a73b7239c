"""A keyring with keys for other uses than sealing, such as signing what a reader brings back."""

from typing import Protocol

from runtime.keys import Keyring


class DerivingKeyring(Keyring, Protocol):
    """One that derives them from the master key."""

    def derived(self, label: str) -> bytes:
        """32 bytes for the use that `label` names: the same after a restart and at every copy."""
