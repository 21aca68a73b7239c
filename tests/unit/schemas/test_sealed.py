"""Sealing: opens for its own key, event and field, and for nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.sealed import Key, Unopenable, new_key, seal, unseal

EVENT = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
KEY = new_key("k1")


@given(text=st.text(), field=st.text(max_size=20), event=st.text(max_size=40))
def test_what_was_sealed_opens(text: str, field: str, event: str) -> None:
    assert unseal(KEY, field, seal(KEY, event, field, text)) == text


@given(text=st.text())
def test_a_redo_seals_the_same_bytes(text: str) -> None:
    assert seal(KEY, EVENT, "transcript", text) == seal(KEY, EVENT, "transcript", text)


@given(text=st.text(), other=st.text())
def test_another_event_or_field_seals_other_bytes(text: str, other: str) -> None:
    boxes = {seal(KEY, event, field, text).box for event in ("e1", "e2") for field in ("name", "phone")}
    assert len(boxes) == 4
    assert (seal(KEY, EVENT, "name", other).box == seal(KEY, EVENT, "name", text).box) == (other == text)


@given(text=st.text(), at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed(text: str, at: int, bit: int) -> None:
    sealed = seal(KEY, EVENT, "name", text)
    changed = bytearray(sealed.box)
    changed[at % len(changed)] ^= 1 << bit
    with pytest.raises(Unopenable):
        unseal(KEY, "name", replace(sealed, box=bytes(changed)))


@pytest.mark.parametrize(
    ("key", "field", "event"),
    [
        pytest.param(new_key("k1"), "name", EVENT, id="another key under the same id"),
        pytest.param(KEY, "phone", EVENT, id="another field"),
        pytest.param(KEY, "name", "another", id="another event"),
    ],
)
def test_wrong_key_field_or_event_is_a_named_error(key: Key, field: str, event: str) -> None:
    sealed = replace(seal(KEY, EVENT, "name", "Ada Example"), event_id=event)
    with pytest.raises(Unopenable, match="another key, another field or changed bytes") as refusal:
        unseal(key, field, sealed)
    assert "Ada" not in str(refusal.value)


def test_event_and_field_cannot_be_shifted_into_each_other() -> None:
    assert seal(KEY, "ab", "c", "x").box != seal(KEY, "a", "bc", "x").box


def test_a_key_of_256_bits_works_too() -> None:
    key = Key("short", bytes(range(32)))
    assert unseal(key, "name", seal(key, EVENT, "name", "Ada")) == "Ada"


def test_a_key_does_not_show_itself() -> None:
    assert str(KEY.aes) not in repr(KEY)
    assert KEY.aes.hex() not in repr(KEY)
