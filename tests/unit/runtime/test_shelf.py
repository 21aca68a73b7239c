"""Committed states: kept as they stand on the changelog, opened when they are used, written only where they changed."""

from datetime import timedelta

import pytest

from domain.states import Lead
from runtime import shelf
from runtime.errors import Misconfigured
from runtime.shelf import DUE, Whole
from runtime.transform import Transform
from schemas.codec import NewerSchema, Undecodable, encode
from tests import given
from tests.unit.runtime.diary import Diary

LEAD = Lead("fam-1", interactions=2, decays_at=given.later(hours=3))


@pytest.fixture
def transform() -> Transform[Lead]:
    return Diary().transform()


@pytest.fixture
def kept(transform: Transform[Lead]) -> Whole[Lead]:
    return Whole(transform)


def restored(transform: Transform[Lead], kept: Whole[Lead], written: dict[str, Lead | None]) -> Whole[Lead]:
    """Another copy's, from the changelog records of these."""
    again = Whole(transform)
    for key, data, headers in kept.changes(written):
        again.restore(key, data, headers)
    return again


def test_what_was_written_comes_back_with_its_moment(transform: Transform[Lead], kept: Whole[Lead]) -> None:
    quiet = Lead("fam-2")
    again = restored(transform, kept, {"fam-1": LEAD, "fam-2": quiet})
    assert again.dues() == {"fam-1": given.later(hours=3)}
    assert [again.get(key) for key in ("fam-1", "fam-2", "fam-3")] == [LEAD, quiet, None]
    assert len(again) == 2


def test_a_moment_is_exact_to_the_microsecond(transform: Transform[Lead], kept: Whole[Lead]) -> None:
    at = given.NOON + timedelta(microseconds=1)
    again = restored(transform, kept, {"fam-1": Lead("fam-1", decays_at=at)})
    assert again.dues() == {"fam-1": at}


def test_a_record_without_the_header_is_read_for_its_moment(kept: Whole[Lead]) -> None:
    kept.restore("fam-1", encode("leads", LEAD), [])
    assert kept.dues() == {"fam-1": given.later(hours=3)}


def test_a_tombstone_ends_state_and_moment(kept: Whole[Lead]) -> None:
    kept.restore("fam-1", encode("leads", LEAD), [])
    kept.restore("fam-1", None, [])
    assert (kept.dues(), kept.get("fam-1"), len(kept)) == ({}, None, 0)


def test_the_last_record_of_a_key_counts(kept: Whole[Lead]) -> None:
    kept.restore("fam-1", encode("leads", LEAD), [])
    kept.restore("fam-1", encode("leads", Lead("fam-1")), [(DUE, b"")])
    assert (kept.dues(), kept.get("fam-1")) == ({}, Lead("fam-1"))


def test_only_changes_are_written(kept: Whole[Lead]) -> None:
    kept.restore("fam-1", encode("leads", LEAD), [])
    assert list(kept.changes({"fam-1": LEAD})) == []
    kept.fold({"fam-1": LEAD})
    after = Lead("fam-1", interactions=3)
    assert [change[:2] for change in kept.changes({"fam-1": after})] == [("fam-1", encode("leads", after))]


def test_a_fold_without_a_changelog_keeps_the_state_itself(kept: Whole[Lead]) -> None:
    kept.fold({"fam-1": LEAD})
    assert kept.get("fam-1") is LEAD
    assert [change[0] for change in kept.changes({"fam-1": LEAD})] == ["fam-1"]
    kept.fold({"fam-1": None})
    assert kept.get("fam-1") is None


def test_many_states_are_not_all_open(kept: Whole[Lead], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "OPEN", 3)
    for number in range(10):
        kept.restore(f"fam-{number}", encode("leads", Lead(f"fam-{number}")), [])
    for number in range(10):
        assert kept.get(f"fam-{number}") == Lead(f"fam-{number}")
        assert len(kept._open) <= 3


@pytest.mark.parametrize(
    ("data", "wrong"), [(b"no frame", Undecodable), (b"\x00\x00\x00\x27\x0f...", NewerSchema)]
)
def test_what_cannot_be_read_is_refused_at_once(
    kept: Whole[Lead], data: bytes, wrong: type[Exception]
) -> None:
    with pytest.raises(wrong):
        kept.restore("fam-1", data, [(DUE, b"")])


def test_a_damaged_state_is_not_the_fault_of_the_record_that_asks_for_it(kept: Whole[Lead]) -> None:
    kept.restore("fam-1", encode("leads", LEAD)[:-3], [(DUE, b"")])
    with pytest.raises(Misconfigured, match=r"the state of fam-1 on leads is damaged.*academy state rebuild"):
        kept.get("fam-1")
