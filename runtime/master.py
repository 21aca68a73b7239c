"""The master key that wraps every subject's key: one file outside the data folder, its owner's only."""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.errors import Misconfigured
from runtime.settings import Settings
from schemas.sealed import KEY_BYTES

OTHERS = 0o077
"""Permission bits of group and world."""


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
    try:
        master = bytes.fromhex(text)
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise Misconfigured(
            f"{path} is not a master key, which is {2 * KEY_BYTES} hex digits; restore its backup"
        )
    return master


def master_of(settings: Settings) -> bytes:
    """The master key of the settings; it is made only at its default place, never where a file was promised."""
    named = settings.master_key_file
    return load_master(named) if named else load_master(default_master_path(), create=True)


def fingerprint(master: bytes) -> str:
    """A short name that tells two master keys apart and gives neither away."""
    return hashlib.sha256(b"academy-outreach master key" + master).hexdigest()[:12]


def derived(master: bytes, label: str) -> bytes:
    """32 bytes for one use that `label` names (HKDF, RFC 5869): alike everywhere, and they say nothing of another's."""
    info = b"academy-outreach " + label.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)


def wrap(master: bytes, key_id: str, aes: bytes) -> bytes:
    """A subject's key under the master key, bound to its id."""
    return AESSIV(master).encrypt(aes, [key_id.encode()])


def unwrap(master: bytes, key_id: str, wrapped: bytes) -> bytes:
    """The subject's key again; raises cryptography's InvalidTag if it was wrapped otherwise."""
    return AESSIV(master).decrypt(wrapped, [key_id.encode()])


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
