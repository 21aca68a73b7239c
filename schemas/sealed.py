"""Personal text to sealed values and back: AES-SIV under one subject's key, bound to event id and field.

Deterministic on purpose: a redo of the same event writes the same bytes (architecture 2.6).
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from domain.events import Sealed

KEY_BYTES = 64
"""Two AES-256 keys, as AES-SIV wants them."""


class Unopenable(ValueError):
    """The sealed value does not belong to this key, event and field."""


@dataclass(frozen=True, slots=True)
class Key:
    """One subject's key; `aes` is 32 or 64 random bytes.

    Its cipher is made once: that takes twice as long as to seal a message.
    """

    key_id: str
    aes: bytes = field(repr=False)
    cipher: AESSIV = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cipher", AESSIV(self.aes))


def new_key(key_id: str) -> Key:
    """A fresh random key."""
    return Key(key_id, AESSIV.generate_key(8 * KEY_BYTES))


def seal(key: Key, event_id: str, field: str, text: str) -> Sealed:
    """The text, encrypted; equal arguments give equal bytes."""
    box = key.cipher.encrypt(text.encode(), [event_id.encode(), field.encode()])
    return Sealed(key.key_id, event_id, box)


def unseal(key: Key, field: str, sealed: Sealed) -> str:
    """The text again; raises Unopenable for any other key, event or field than it was sealed with."""
    try:
        text = key.cipher.decrypt(sealed.box, [sealed.event_id.encode(), field.encode()])
    except InvalidTag:
        raise Unopenable(
            f"{field!r} of event {sealed.event_id} does not open with key {key.key_id}; "
            f"it names key {sealed.key_id}: another key, another field or changed bytes"
        ) from None
    return text.decode()
