"""The master key that wraps every subject's key: a file's, the environment's, or one that a service keeps for us."""

import hashlib
import importlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.errors import Misconfigured
from runtime.settings import Settings
from schemas.sealed import KEY_BYTES

OTHERS = 0o077
"""Permission bits of group and world."""


class NotWrapped(ValueError):
    """Another master key wrapped this, or under another id, or it was changed."""


class Master(Protocol):
    """Whoever wraps keys. A key management service fits: it never hands out its own key."""

    @property
    def fingerprint(self) -> str:
        """A short name that tells two masters apart and gives neither away."""

    def wrap(self, key_id: str, aes: bytes) -> bytes:
        """A subject's key, bound to its id; NotReady where a service is away."""

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The subject's key again; raises NotWrapped, and NotReady where a service is away."""

    def derived(self, label: str) -> bytes:
        """32 bytes for one use that `label` names: the same each time, and they say nothing of another's."""


@dataclass(frozen=True, slots=True)
class LocalMaster:
    """A master key in this process: 64 bytes."""

    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Of the key's SHA-256 the first twelve digits."""
        return hashlib.sha256(b"academy-outreach master key" + self.key).hexdigest()[:12]

    def wrap(self, key_id: str, aes: bytes) -> bytes:
        """AES-SIV with the key's id as associated data."""
        return AESSIV(self.key).encrypt(aes, [key_id.encode()])

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The subject's key again; raises NotWrapped."""
        try:
            return AESSIV(self.key).decrypt(wrapped, [key_id.encode()])
        except InvalidTag:
            raise NotWrapped(f"key {key_id} was not wrapped by master key {self.fingerprint}") from None

    def derived(self, label: str) -> bytes:
        """By HKDF (RFC 5869)."""
        info = b"academy-outreach " + label.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.key)


def default_master_path() -> Path:
    """`academy-outreach/master.key` in the user's configuration folder (XDG)."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "academy-outreach" / "master.key"


def load_master(path: Path, *, create: bool = False) -> bytes:
    """The 64 bytes in the file, kept there as hex; `create` makes them, mode 0600, if the file is absent.

    Raises Misconfigured if it is absent, readable by others, or not a key.
    """
    if create and not path.exists():
        _create(path)
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii", "replace").strip()
    except OSError as error:
        raise Misconfigured(
            f"the master key {path} cannot be read ({error.strerror}); restore it from its backup, "
            "or name its place in ACADEMY_MASTER_KEY_FILE"
        ) from None
    if mode & OTHERS:
        raise Misconfigured(f"the master key {path} is open to other users; run: chmod 600 {path}")
    return _parsed(text, str(path))


def master_of(settings: Settings) -> Master:
    """The master of the settings; a key is made only at its default place, never where one was promised.

    Raises Misconfigured where the settings name two, or none that can be had.
    """
    given = [settings.master_key_file, settings.master_key, settings.master_key_provider]
    if sum(one is not None for one in given) > 1:
        raise Misconfigured(
            "name one master key: ACADEMY_MASTER_KEY_FILE, ACADEMY_MASTER_KEY or ACADEMY_MASTER_KEY_PROVIDER"
        )
    if settings.master_key_provider is not None:
        return _provided(settings.master_key_provider, settings)
    if settings.master_key is not None:
        return LocalMaster(_parsed(settings.master_key.get_secret_value().strip(), "ACADEMY_MASTER_KEY"))
    named = settings.master_key_file
    return LocalMaster(load_master(named) if named else load_master(default_master_path(), create=True))


def new_master(path: Path) -> LocalMaster:
    """A fresh key in a file that was not there, mode 0600; the one that is there already, if there is one."""
    return LocalMaster(load_master(path, create=True))


def _provided(name: str, settings: Settings) -> Master:
    """What `package.module:function` makes of the settings: the way in for a key management service."""
    module, _, function = name.partition(":")
    try:
        make: Callable[[Settings], Master] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as wrong:
        raise Misconfigured(
            f"ACADEMY_MASTER_KEY_PROVIDER is no package.module:function that can be imported ({wrong})"
        ) from None
    return make(settings)


def _parsed(text: str, where: str) -> bytes:
    try:
        master = bytes.fromhex(text)
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise Misconfigured(
            f"{where} is not a master key, which is {2 * KEY_BYTES} hex digits; restore its backup"
        )
    return master


def _create(path: Path) -> None:
    """Whole or not at all, and never over a key that another process made meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
