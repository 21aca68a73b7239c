"""Answers as a rebuild takes them from `decisions`: as far as they are asked for, each once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from decider.refold import Recorded, refolding
from domain.records import Ruling
from runtime.errors import Misconfigured
from runtime.transform import Record
from tests import given
from tests.answers import on_lead, ruling

MADE = on_lead(None, given.lead(), given.NOON, given.learned()).decision
FIRST = ruling(MADE)


def answer(lead_id: str, sequence: int, version: int = 0, decision_id: str = "d") -> Ruling:
    return replace(FIRST, lead_id=lead_id, sequence=sequence, table_version=version, decision_id=decision_id)


def test_answers_are_read_as_far_as_they_are_asked_for() -> None:
    read: list[int] = []

    def log() -> Iterator[Ruling]:
        for number in range(4):
            read.append(number)
            yield answer("fam-1", number)

    recorded = Recorded(log())

    assert recorded("fam-1", 1) == answer("fam-1", 1)
    assert read == [0, 1]
    assert recorded("fam-1", 0) == answer("fam-1", 0)
    assert read == [0, 1]


def test_an_answer_that_is_not_there_is_none_and_of_two_the_first_counts() -> None:
    recorded = Recorded([answer("fam-1", 0, decision_id="a"), answer("fam-1", 0, decision_id="b")])

    assert recorded("fam-2", 0) is None
    assert recorded("fam-1", 0) == answer("fam-1", 0, decision_id="a")


def test_the_newest_version_of_each_table_is_known_once_all_is_read() -> None:
    verdict = replace(answer("fam-1", 1), table_id=None, table_version=None)
    recorded = Recorded([answer("fam-1", 0, 7), verdict, answer("fam-1", 2, 5)])

    recorded.close()

    assert recorded.versions == {"default": 7}


def test_parameters_that_are_gone_are_named() -> None:
    fold = refolding(Recorded([FIRST]), {}).handle
    record = Record("enriched", 0, 0, "fam-1", given.lead(), given.NOON)

    with pytest.raises(Misconfigured, match="rests on parameters 1, which `policies` lacks"):
        fold(None, record)
