"""A new master key: everything opens under it, services go on, and a cut-short rotation is ended by the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra import rotation
from infra.rotation import rotate
from runtime.errors import Misconfigured
from runtime.keys import Keys
from runtime.master import LocalMaster, load_master
from runtime.settings import Settings
from schemas.sealed import seal, unseal

SUBJECTS = [f"lead-{number}" for number in range(25)]


@pytest.fixture
def running(keyed: Settings) -> Iterator[Keys]:
    """A service that was started before."""
    keys = Keys(keyed, cached=1)
    for subject in SUBJECTS:
        keys.of(subject)
    yield keys
    keys.close()


def master_file(settings: Settings) -> Path:
    assert settings.master_key_file
    return settings.master_key_file


def test_every_key_opens_under_the_new_master_and_what_was_sealed_before(
    running: Keys, keyed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 10)
    sealed = seal(running.of(SUBJECTS[3]), "e1", "name", "Ada")
    before = LocalMaster(load_master(master_file(keyed)))

    done = rotate(keyed)

    after = LocalMaster(load_master(master_file(keyed)))
    assert (done.before, done.after, done.keys) == (before.fingerprint, after.fingerprint, len(SUBJECTS))
    assert LocalMaster(load_master(done.kept)) == before != after
    fresh = Keys(keyed)
    assert unseal(fresh.of(SUBJECTS[3]), "name", sealed) == "Ada"
    fresh.close()


def test_a_service_that_runs_goes_on_with_old_keys_and_makes_new_ones(running: Keys, keyed: Settings) -> None:
    ids = {subject: running.of(subject).key_id for subject in SUBJECTS}
    rotate(keyed)
    assert {subject: running.of(subject).key_id for subject in SUBJECTS} == ids
    made = running.of("lead-new")
    fresh = Keys(keyed)
    assert fresh.of("lead-new") == made
    fresh.close()


def test_the_old_master_is_refused_afterwards(running: Keys, keyed: Settings) -> None:
    done = rotate(keyed)
    old = Keys(keyed.model_copy(update={"master_key_file": done.kept}))
    with pytest.raises(Misconfigured, match=f"wrapped under master key {done.after}, ours is {done.before}"):
        old.reachable()
    old.close()


@pytest.mark.parametrize("cut", ["after the files", "before the files"])
def test_a_rotation_that_was_cut_short_is_ended_by_the_next(
    running: Keys, keyed: Settings, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    def cut_short(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_rewrap" if cut == "after the files" else "_placed", cut_short)
        with pytest.raises(KeyboardInterrupt):
            rotate(keyed)

    done = rotate(keyed)

    assert done.keys == len(SUBJECTS)
    assert LocalMaster(load_master(master_file(keyed))).fingerprint == done.after != done.before
    fresh = Keys(keyed)
    assert fresh.of(SUBJECTS[0]) == running.of(SUBJECTS[0])
    fresh.close()


def test_a_lost_master_is_told_and_nothing_changes(running: Keys, keyed: Settings) -> None:
    file = master_file(keyed)
    text = file.read_text()
    file.write_text("11" * 64)
    with pytest.raises(Misconfigured, match="restore its backup"):
        rotate(keyed)
    file.write_text(text)
    fresh = Keys(keyed)
    assert fresh.of(SUBJECTS[0]) == running.of(SUBJECTS[0])
    fresh.close()


def test_a_key_that_is_no_file_is_not_ours_to_change(keyed: Settings) -> None:
    with pytest.raises(Misconfigured, match="ACADEMY_MASTER_KEY_FILE"):
        rotate(keyed.model_copy(update={"master_key": SecretStr("00" * 64), "master_key_file": None}))
