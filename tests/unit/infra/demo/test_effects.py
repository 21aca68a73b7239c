"""What is known to have followed: inputs and answers in any order, what is due, and what the decider knows."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from decider.service import handle
from domain.events import TickEnriched
from domain.states import Lead
from infra.demo.effects import Effects
from runtime.transform import Record
from schemas.position import Position
from tests import given
from tests.keyring import MemoryKeys

EVENT = given.lead()
_STATE, OUTPUTS = handle(given.learned, None, Record("enriched", 2, 0, "fam-1", EVENT, given.NOON))
STATE: Lead = _STATE  # type: ignore[assignment] # a record always leaves a state
(ANSWER,) = [output.value for output in OUTPUTS if output.topic == "decisions"]
READ = (("enriched", "fam-1", EVENT), ("decisions", "fam-1", ANSWER), ("leads", "fam-1", STATE))


@pytest.mark.parametrize("order", list(permutations(READ)))
def test_an_input_is_answered_in_whatever_order_the_topics_are_read(
    order: tuple[tuple[str, str, object], ...],
) -> None:
    effects = Effects(MemoryKeys())
    for offset, (topic, key, value) in enumerate(order):
        effects.take(topic, 2, offset, key, value)

    assert effects.are_answered
    assert effects.has_passed(2, 0)
    assert effects.account.decisions == [ANSWER]
    assert effects.due() == (STATE.due, 2)


def test_what_the_extractor_wrote_is_open_until_its_own_answer_comes() -> None:
    effects = Effects(MemoryKeys())
    effects.take("enriched", 2, 0, "fam-1", EVENT)
    effects.take("decisions", 2, 0, "fam-1", replace(ANSWER, root_offset=7))

    assert not effects.are_answered


def test_a_tick_has_no_answer_and_what_it_wakes_is_overdue() -> None:
    effects = Effects(MemoryKeys())
    effects.take("leads", 2, 0, "fam-1", STATE)
    due = STATE.due or given.NOON
    effects.take("enriched", 2, 1, "!tick", TickEnriched(due, 4))

    assert effects.are_answered
    assert effects.has_passed(2, 4)
    assert not effects.has_passed(2, 5)
    assert effects.is_overdue("leads", 2, due)
    assert not effects.is_overdue("leads", 2, due - timedelta(seconds=1))
    assert not effects.is_overdue("leads", 1, due)
    assert not effects.is_overdue("leads", 2, None)


def test_the_decider_knows_what_it_wrote_down_and_the_extractor_says_nothing_of_it() -> None:
    effects = Effects(MemoryKeys())
    effects.take("threads", 0, 0, "!position", Position(given.NOON, given.NOON, 3, {}))
    assert (effects.known, effects.has_ticked(0, given.NOON)) == (-1, False)

    effects.take("leads", 0, 0, "!position", Position(given.NOON, given.NOON, 3, {"default": 12}))
    assert (effects.known, effects.has_ticked(0, given.NOON)) == (12, True)
    assert not effects.has_ticked(0, given.later(seconds=1))
