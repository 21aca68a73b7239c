"""I10: every decision is made once more from the record topics alone, byte for byte."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import pytest

from analysis.replay import Records, Unreplayable, differences, replay
from domain.asked import Asked
from domain.events import InteractionEnriched
from runtime.transform import Message
from schemas.codec import decode, encode
from tests import given
from tests.unit.infra.demo.memory import played

UNTIL = datetime(2026, 5, 1, 12, tzinfo=UTC)
PARAMETERS = replace(given.PARAMETERS, enrolment_from="stated")


@cache
def story() -> Records:
    """The record topics of the demo's thirty families, as a stock reader gives them."""
    history = played(UNTIL).history()

    def of(topic: str) -> list[Message]:
        return [
            Message(
                topic, entry.partition, entry.offset, entry.key.encode(), encode(topic, entry.value), [], None
            )
            for entry in history.of(topic)
        ]

    policies = [Message("policies", 0, 0, b"parameters|1", encode("policies", PARAMETERS), [], None)]
    return Records(of("enriched"), of("decisions"), of("transitions"), policies)


def with_changed(records: Records, index: int, **changes: Any) -> Records:
    """The same log with one decision written otherwise."""
    found = list(records.decisions)
    decision = decode("decisions", found[index].value or b"")
    found[index] = msgspec.structs.replace(
        found[index], value=encode("decisions", replace(decision, **changes))
    )
    return replace(records, decisions=found)


def test_i10_the_whole_demo_is_decided_alike() -> None:
    report = replay(story())

    assert report.differing == []
    assert report.alike["decisions"] == len(story().decisions) > 300
    assert report.alike["transitions"] == len(story().transitions) - 1
    assert (report.waiting, sum(report.other_logic.values())) == (0, 0)


def test_i10_one_household_alone() -> None:
    report = replay(story().of("fam-mitchell"))

    assert report.differing == []
    assert 5 < report.alike["decisions"] < 40


def test_e3_what_a_model_read_is_taken_from_the_event() -> None:
    asked = Asked("a-model", None, 1, 300, given.NOON, 10, 0, 0, 10, "1", 5, "p", "s", {"facts": 1})
    found = list(story().enriched)
    for index, message in enumerate(found):
        event = decode("enriched", message.value or b"")
        if isinstance(event, InteractionEnriched):
            read = replace(event.extraction, adapter="openai", model="a-model")
            data = encode("enriched", replace(event, extraction=read, asked=asked))
            found[index] = msgspec.structs.replace(message, value=data)

    report = replay(replace(story(), enriched=found))

    assert report.differing == []
    assert report.alike["decisions"] == len(story().decisions)


def test_a_changed_byte_of_a_decision_is_found_where_it_stands() -> None:
    index = len(story().decisions) // 2
    index = len(story().decisions) - 1  # the last one, for on any other later ones rest
    before = decode("decisions", story().decisions[index].value or b"")
    bent = with_changed(story(), index, decided_at=given.later(days=1))

    (found,) = replay(bent).differing

    assert (found.topic, found.offset, found.lead_id) == ("decisions", index, before.lead_id)
    assert found.made == before


def test_a_decision_that_nothing_leads_to_is_found() -> None:
    last = story().decisions[-1]
    decision = decode("decisions", last.value or b"")
    stray = msgspec.structs.replace(
        last, offset=last.offset + 1, value=encode("decisions", replace(decision, sequence=999))
    )

    (found,) = replay(replace(story(), decisions=[*story().decisions, stray])).differing

    assert (found.made, found.offset) == (None, stray.offset)


def test_what_is_not_answered_yet_waits_and_is_no_difference() -> None:
    report = replay(replace(story(), decisions=story().decisions[:100]))

    assert report.differing == []
    assert report.alike["decisions"] == 100
    assert report.waiting > 100


def test_other_logic_is_counted_apart() -> None:
    index = len(story().decisions) - 1

    report = replay(with_changed(story(), index, logic_version="0", state="new:neutral"))

    assert report.differing == []
    assert report.other_logic == {"0": 1}


def test_a_log_without_the_parameters_says_so() -> None:
    with pytest.raises(Unreplayable, match="rests on parameters 1"):
        replay(replace(story(), policies=[]))


def test_a_log_without_the_table_says_so() -> None:
    with pytest.raises(Unreplayable, match="no version"):
        replay(replace(story(), transitions=story().transitions[:3]))


def test_differences_name_the_field() -> None:
    one = {"a": 1, "b": [{"q": 0.1}, {"q": 0.2}], "c": None}
    other = {"a": 1, "b": [{"q": 0.1}, {"q": 0.3}], "c": "x"}

    assert sorted(differences(one, other)) == [("b[1].q", 0.2, 0.3), ("c", None, "x")]
