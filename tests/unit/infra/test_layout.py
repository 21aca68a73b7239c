"""The data folder: closed to others, held by one process, removed whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from infra.local import hold, status
from infra.local.errors import AlreadyRunningError, ForeignFolderError, MixedFolderError
from infra.local.layout import Layout, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_closed_to_others(layout: Layout) -> None:
    assert {mode(path) for path in (layout.data_dir, layout.kafka, layout.logs, layout.postgres)} == {0o700}


def test_private_files_are_closed_to_others_and_whole(layout: Layout) -> None:
    write_private(layout.token, "old")
    write_private(layout.token, "new")
    assert layout.token.read_text() == "new"
    assert mode(layout.token) == 0o600
    assert [path for path in layout.data_dir.iterdir() if path.name.startswith("api-token")] == [layout.token]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps PostgreSQL elsewhere")
def test_as_root_the_database_lives_outside_and_is_found_again(layout: Layout) -> None:
    home = layout.postgres
    layout.make()
    assert layout.postgres == home
    assert not home.is_relative_to(layout.data_dir)
    assert home.stat().st_uid != 0
    assert (home / "belongs-to").read_text() == f"{layout.data_dir}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(layout: Layout) -> None:
    os.chown(layout.data_dir, 65534, 65534)
    with pytest.raises(ForeignFolderError, match="belongs to user id 65534"):
        layout.make()


def test_removal_leaves_nothing(layout: Layout) -> None:
    home = layout.postgres
    hold.remove_all(layout)
    assert not layout.data_dir.exists()
    assert not home.exists()
    hold.remove_all(layout)


def test_removal_spares_a_folder_that_was_there_before(tmp_path: Path, layout: Layout) -> None:
    theirs = Layout.at(tmp_path / "theirs")
    theirs.data_dir.mkdir()
    (theirs.data_dir / "thesis.txt").touch()
    theirs.make()
    with pytest.raises(MixedFolderError, match="did not make"):
        hold.remove_all(theirs)
    assert (theirs.data_dir / "thesis.txt").exists()


def test_a_held_folder_is_refused_by_pid_and_not_removed(layout: Layout) -> None:
    with hold.held(layout):
        with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()};"), hold.held(layout):
            pytest.fail("held twice")
        with pytest.raises(AlreadyRunningError):
            hold.remove_all(layout)
        assert status.read(layout).pid == os.getpid()
    assert not layout.status.exists()


def test_a_lock_file_that_nobody_holds_is_no_hindrance(layout: Layout) -> None:
    layout.lock.touch()
    with hold.held(layout):
        assert layout.status.exists()


def test_a_file_for_which_there_is_no_room_leaves_the_old_one_and_no_half(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_private(layout.token, "old")
    before = set(layout.data_dir.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(layout.token, "new")
    assert layout.token.read_text() == "old"
    assert set(layout.data_dir.iterdir()) == before
