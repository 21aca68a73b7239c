from collections.abc import Collection
from dataclasses import replace

import msgspec
import pytest

from projections.api.opening import Opener, prepared
from runtime.keys import guardian
from schemas.sealed import Key, Unopenable, seal
from tests.unit.projections.household import Ring

DANA, SAM = guardian("fam-1", "g1"), guardian("fam-1", "g2")


class Asked(Ring):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[set[str]] = []
        self.alone: list[str] = []

    def by_id(self, key_id: str) -> Key | None:
        self.alone.append(key_id)
        return super().by_id(key_id)

    def by_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        self.together.append(set(key_ids))
        return {key.key_id: key for key in self._keys.values() if key.key_id in key_ids}


def test_a_text_opens_with_its_key(ring: Ring) -> None:
    opener = Opener(ring, "fam-1")

    assert opener.text("name", seal(ring.of(DANA), "event-1", "name", "Dana")) == "Dana"
    assert opener.text("name", None) is None
    assert not opener.erased


def test_a_destroyed_key_leaves_null_and_is_told(ring: Ring) -> None:
    sealed = seal(ring.of(DANA), "event-1", "name", "Dana")
    ring.forget(DANA)
    opener = Opener(ring, "fam-1")

    assert opener.text("name", sealed) is None
    assert opener.erased


def test_changed_bytes_are_a_fault_and_not_an_erasure(ring: Ring) -> None:
    sealed = seal(ring.of(DANA), "event-1", "name", "Dana")

    with pytest.raises(Unopenable):
        Opener(ring, "fam-1").text("name", replace(sealed, event_id="event-2"))


def test_the_keys_of_stored_rows_are_asked_for_at_once_wherever_they_stand() -> None:
    ring = Asked()
    dana, sam = (seal(ring.of(whose), "event-1", "name", "a name") for whose in (DANA, SAM))
    stored = [
        {"guardians": [{"name": msgspec.to_builtins(dana), "phone": None}]},
        (msgspec.to_builtins(sam),),
    ]

    keys = prepared(ring, {(0, 1): stored, (0, 2): None})

    assert Opener(keys, "fam-1").text("name", dana) == "a name"
    assert Opener(keys, "fam-1").text("name", sam) == "a name"
    assert (ring.together, ring.alone) == ([{dana.key_id, sam.key_id}], [])


def test_one_that_is_gone_is_not_asked_for_again_and_another_is_asked_for_alone() -> None:
    ring = Asked()
    dana, sam = (seal(ring.of(whose), "event-1", "name", "a name") for whose in (DANA, SAM))
    ring.forget(DANA)

    opener = Opener(prepared(ring, [msgspec.to_builtins(dana)]), "fam-1")

    assert (opener.text("name", dana), opener.text("name", sam)) == (None, "a name")
    assert ring.alone == [sam.key_id]
