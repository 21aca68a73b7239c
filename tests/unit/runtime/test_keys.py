"""The master key's file, subjects' names, and what happens without Postgres; the tables are integration."""

import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from runtime.errors import Misconfigured, NotReady
from runtime.keys import PAUSE_S, Keys, child, guardian, household
from runtime.master import LocalMaster, NotWrapped, default_master_path, load_master, master_of, new_master
from runtime.settings import Settings

NOBODY = "postgresql://academy@127.0.0.1:1/academy"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "master.key"
    load_master(path, create=True)
    return Settings(postgres=SecretStr(NOBODY), master_key_file=path)


def test_subjects_of_one_household_are_apart() -> None:
    assert household("lead-ada") == "lead-ada"
    assert guardian("lead-ada", "g1") == "lead-ada/g/g1"
    assert child("lead-ada", "c1") == "lead-ada/c/c1"


def test_the_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "config" / "master.key"
    made = load_master(path, create=True)
    assert len(made) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_master(path, create=True) == made == load_master(path)
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


def test_processes_that_start_together_agree_on_one_master_key(tmp_path: Path) -> None:
    path, found = tmp_path / "master.key", []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        found.append(load_master(path, create=True))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_master_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    load_master(path, create=True)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match=f"open to other users; run: chmod 600 {path}"):
        load_master(path)


def test_an_absent_master_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"cannot be read .* ACADEMY_MASTER_KEY_FILE"):
        load_master(tmp_path / "absent")


@pytest.mark.parametrize("text", ["", "zz", "00" * 32, "ключ"])
def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match="is not a master key, which is 128 hex digits"):
        load_master(path)


def test_the_default_place_follows_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_master_path() == tmp_path / "academy-outreach" / "master.key"
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_master_path() == tmp_path / ".config" / "academy-outreach" / "master.key"


def test_a_key_is_made_at_the_default_place_and_never_at_a_named_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert master_of(Settings()) == LocalMaster(load_master(default_master_path()))
    with pytest.raises(Misconfigured, match="cannot be read"):
        master_of(Settings(master_key_file=tmp_path / "promised.key"))


def test_a_wrapped_key_opens_under_its_master_and_id_only() -> None:
    master, other = LocalMaster(bytes(64)), LocalMaster(bytes(range(64)))
    wrapped = master.wrap("k1", b"aes")
    assert master.unwrap("k1", wrapped) == b"aes"
    for wrong, key_id in ((other, "k1"), (master, "k2")):
        with pytest.raises(NotWrapped, match=f"not wrapped by master key {wrong.fingerprint}"):
            wrong.unwrap(key_id, wrapped)


def test_a_fingerprint_tells_masters_apart_and_is_no_part_of_them() -> None:
    master, other = LocalMaster(bytes(64)), LocalMaster(bytes(range(64)))
    assert master.fingerprint == LocalMaster(bytes(64)).fingerprint != other.fingerprint
    assert other.fingerprint not in other.key.hex()
    assert other.key.hex() not in repr(other)


def test_the_environment_may_hold_the_master_key(tmp_path: Path) -> None:
    key = bytes(range(64))
    assert master_of(Settings(master_key=SecretStr(key.hex()))) == LocalMaster(key)
    with pytest.raises(Misconfigured, match="ACADEMY_MASTER_KEY is not a master key"):
        master_of(Settings(master_key=SecretStr("short")))


class Vault:
    """What a key management service looks like from here."""

    fingerprint = "vault-1"

    def wrap(self, key_id: str, aes: bytes) -> bytes:
        return aes[::-1]

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        return wrapped[::-1]

    def derived(self, label: str) -> bytes:
        return label.encode().ljust(32)


def vault(_settings: Settings) -> Vault:
    return Vault()


def test_a_key_management_service_may_hold_it() -> None:
    found = master_of(Settings(master_key_provider=f"{__name__}:vault"))
    assert isinstance(found, Vault)
    for wrong in ("no.such.module:vault", f"{__name__}:nothing", "nothing"):
        with pytest.raises(Misconfigured, match="ACADEMY_MASTER_KEY_PROVIDER"):
            master_of(Settings(master_key_provider=wrong))


def test_two_master_keys_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    new_master(file)
    with pytest.raises(Misconfigured, match="name one master key"):
        master_of(Settings(master_key_file=file, master_key=SecretStr("00" * 64)))


def test_without_a_database_in_the_settings_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ACADEMY_POSTGRES"):
        Keys(Settings())


def test_postgres_away_is_not_ready_and_callers_do_not_queue_behind_it(settings: Settings) -> None:
    keys = Keys(settings)
    with pytest.raises(NotReady, match="does not answer"):
        keys.of("lead-ada")
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(NotReady, match="a moment ago"):
            keys.by_id("k1")
    assert time.monotonic() - began < PAUSE_S
    assert keys.held("lead-ada") is None
    assert not keys.reachable()
    keys.close()
