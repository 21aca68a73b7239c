from dataclasses import replace

import pytest

from projections.api.opening import Opener
from runtime.keys import guardian
from schemas.sealed import Unopenable, seal
from tests.unit.projections.household import Ring

DANA = guardian("fam-1", "g1")


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
