"""A keyring in memory: the same protocol as the one over Postgres, with real keys."""

import uuid
from collections.abc import Collection

import pytest

from runtime.keys import Keyring
from runtime.master import LocalMaster
from runtime.retention import FOR_EVER
from schemas.sealed import Key, new_key


class MemoryKeys:
    """One fresh key per subject; `destroyed` ids open nothing any more."""

    retention = FOR_EVER

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self.destroyed: set[str] = set()

    def of(self, subject: str) -> Key:
        return self._keys.setdefault(subject, new_key(str(uuid.uuid4())))

    def held(self, subject: str) -> Key | None:
        return self._keys.get(subject)

    def by_id(self, key_id: str) -> Key | None:
        found = (key for key in self._keys.values() if key.key_id == key_id)
        return next((key for key in found if key.key_id not in self.destroyed), None)

    def by_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        return {key_id: key for key_id in key_ids if (key := self.by_id(key_id)) is not None}

    def reachable(self) -> bool:
        return True

    def derived(self, label: str) -> bytes:
        return LocalMaster(b"a master key for tests").derived(label)


def questions(keys: Keyring, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The ids of each question for several keys from now on, in the list's order."""
    asked: list[set[str]] = []
    by_ids = keys.by_ids

    def asking(named: Collection[str]) -> dict[str, Key]:
        asked.append(set(named))
        return by_ids(named)

    monkeypatch.setattr(keys, "by_ids", asking)
    return asked
