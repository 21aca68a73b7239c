"""Rows of the view that is searched: a person a row, nothing opened in it, nothing of who was forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from domain.events import Child, Guardian, LeadPatched, LeadRecorded, Sealed
from projections.search import view
from projections.search_words import Hasher, asked
from runtime.errors import NotReady
from runtime.keys import child, guardian
from runtime.transform import Record
from schemas.sealed import seal
from tests import given
from tests.keyring import MemoryKeys, questions

HASHER = Hasher(b"a search key of thirty-two bytes")
EVENT = "event-1"


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


def record(keys: MemoryKeys) -> LeadRecorded:
    def sealed(subject: str, field: str, text: str) -> Sealed:
        return seal(keys.of(subject), EVENT, field, text)

    dana, mia = guardian("fam-1", "g1"), child("fam-1", "c1")
    adult = Guardian(
        "g1",
        sealed(dana, "name", "Dana Whitfield"),
        sealed(dana, "phone", "+1 312 555 0101"),
        sealed(dana, "email", "dana@example.org"),
    )
    return replace(
        given.recorded_lead(event_id=EVENT),
        guardians=(adult, Guardian("g2", None, None, None)),
        children=(Child("c1", sealed(mia, "name", "Mia"), 9, None),),
        campaign_goal=None,
    )


def rows(keys: Any, event: object, offset: int = 4) -> list[dict[str, Any]]:
    of_records = view(keys, HASHER).rows["interactions"]
    return list(of_records(Record("interactions", 0, offset, "fam-1", event, given.NOON)))


def tokens(question: str) -> set[int]:
    return {HASHER(term) for term in asked(question)}


def test_each_person_is_a_row_found_by_name_number_and_address(keys: MemoryKeys) -> None:
    dana, mia = rows(keys, record(keys))

    assert (dana["subject"], dana["part"], dana["root_offset"]) == ("fam-1/g/g1", "guardians", 4)
    assert (mia["subject"], mia["part"]) == ("fam-1/c/c1", "children")
    for question in ("dana whitfield", "5550101", "dana@example.org", "Whit 0101"):
        assert tokens(question) <= set(dana["tokens"])
        assert not tokens(question) & set(mia["tokens"])
    assert tokens("mia") <= set(mia["tokens"])


def test_a_row_holds_ids_and_hashes_alone(keys: MemoryKeys) -> None:
    for row in rows(keys, record(keys)):
        assert row.keys() == {"lead_id", "subject", "root_offset", "part", "tokens"}
        assert all(isinstance(token, int) for token in row["tokens"])
        assert row["tokens"] == sorted(set(row["tokens"])), "their order tells nothing of the words'"


def test_who_was_forgotten_gives_no_row_and_the_others_stay(keys: MemoryKeys) -> None:
    told = record(keys)
    keys.destroyed.add(keys.of("fam-1/g/g1").key_id)

    assert [row["subject"] for row in rows(keys, told)] == ["fam-1/c/c1"]


def test_a_patch_gives_rows_of_its_parts_alone(keys: MemoryKeys) -> None:
    whole = record(keys)
    patch = LeadPatched(
        event_id=EVENT,
        lead_id="fam-1",
        recorded_at=given.NOON,
        occurred_at=given.NOON,
        given=("children",),
        guardians=whole.guardians,
        children=whole.children,
        time_zone=None,
        campaign_goal=None,
        body_hash=b"hash",
    )

    assert [row["part"] for row in rows(keys, patch)] == ["children"]


def test_changed_bytes_give_nothing_and_stop_nothing(keys: MemoryKeys) -> None:
    told = record(keys)
    (minor,) = told.children
    assert minor.name is not None
    forged = replace(minor, name=replace(minor.name, event_id="another"))

    assert [row["part"] for row in rows(keys, replace(told, children=(forged,)))] == ["guardians"]


def test_without_keys_to_be_had_nothing_is_passed_over() -> None:
    class Away(MemoryKeys):
        def by_id(self, key_id: str) -> Any:
            raise NotReady("Postgres does not answer")

    with pytest.raises(NotReady):
        rows(Away(), record(MemoryKeys()))


def test_the_keys_of_a_record_are_asked_for_at_once(
    keys: MemoryKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions(keys, monkeypatch)

    rows(keys, record(keys))

    dana, mia = keys.of(guardian("fam-1", "g1")), keys.of(child("fam-1", "c1"))
    assert asked == [{dana.key_id, mia.key_id}]


def test_other_events_give_no_row(keys: MemoryKeys) -> None:
    assert rows(keys, given.recorded()) == []
    assert rows(keys, None) == []
