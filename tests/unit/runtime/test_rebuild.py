"""Architecture 2.12: state folded anew is the state that was lost, whatever release decides; nothing is emitted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from decider.order import in_order, moments
from decider.refold import Recorded, refolding
from domain.events import TickEnriched
from domain.parameters import Parameters
from domain.records import Decision
from domain.states import Lead
from extractor.refold import refolding as refolding_extractor
from learner.service import build as build_learner
from runtime.errors import Misconfigured
from runtime.rebuild import in_order_of, refolded
from runtime.state import Partition
from runtime.transform import Message, Transform
from schemas.codec import decode, encode
from schemas.topics import POSITION_KEY
from tests import given
from tests.answers import ruling
from tests.unit.analysis.test_replay_redriven import told
from tests.unit.infra.demo.memory import MemoryStage, played

UNTIL = datetime(2026, 5, 1, 12, tzinfo=UTC)
PARAMETERS = replace(given.PARAMETERS, enrolment_from="stated")
BY_VERSION: dict[int, Parameters] = {PARAMETERS.version: PARAMETERS}


@cache
def stage() -> MemoryStage:
    """The demo's families, played once."""
    return played(UNTIL)


def source(topic: str) -> list[Message]:
    return [
        Message(topic, 0, entry.offset, entry.key.encode(), encode(topic, entry.value), [], None)
        for entry in stage().history().of(topic)
    ]


def last(topic: str) -> dict[str, Any]:
    """The state topic as the services have left it, the last value of each key."""
    return {entry.key: entry.value for entry in stage().history().of(topic)}


def folded(transform: Transform[Any], messages: list[Message]) -> tuple[Partition[Any], dict[bytes, bytes]]:
    partition = refolded(transform, 0, messages)
    return partition, {emit.key or b"": emit.value or b"" for emit in partition.changes()}


def answers() -> list[Decision]:
    return stage().account.decisions


def recorded(given_out: Iterable[Decision]) -> Recorded:
    return Recorded(ruling(one) for one in given_out)


def test_the_deciders_state_is_folded_from_inputs_and_recorded_answers() -> None:
    partition, found = folded(refolding(recorded(answers()), BY_VERSION), source("enriched"))

    wanted = {key.encode(): encode("leads", lead) for key, lead in stage().account.leads.items()}
    assert len(wanted) > 30
    assert {key: value for key, value in found.items() if key != POSITION_KEY.encode()} == wanted
    assert partition.emits == []


def with_action(was: str, now: str) -> list[Decision]:
    """The answers as a release gave them that chose otherwise."""
    bent = [replace(one, action=now, logic_version="1") if one.action == was else one for one in answers()]
    assert bent != answers()
    return bent


def test_what_was_decided_then_stands_whatever_would_be_decided_now() -> None:
    """A release that decides otherwise goes on from the decision in force as it was recorded."""
    bent = with_action("warm_follow_up", "family_engage")  # both are calls: what carries them out is the same

    partition, _found = folded(refolding(recorded(bent), BY_VERSION), source("enriched"))

    leads = [partition.get(key) for key in stage().account.leads]
    acting = {lead.in_force.action for lead in leads if isinstance(lead, Lead) and lead.in_force}
    assert "family_engage" in acting
    assert "warm_follow_up" not in acting


def test_a_log_whose_answers_are_to_other_inputs_by_this_release_is_not_folded() -> None:
    bent = with_action("warm_follow_up", "info_send")  # a call carries this one out: its reminder never comes

    with pytest.raises(Misconfigured, match=r"answer 2 of a household is to offset 25 .* would be to 34"):
        folded(refolding(recorded(bent), BY_VERSION), source("enriched"))


def test_a_wake_that_was_not_answered_yet_is_left_to_the_next_start() -> None:
    woken = stage().account.decisions[-1]  # by the last tick
    fewer = recorded(one for one in answers() if one is not woken)

    told = stage().history().of("enriched")
    last_tick = next(
        one.offset for one in told if one.value == TickEnriched(woken.decided_at, woken.root_offset)
    )

    partition, _found = folded(refolding(fewer, BY_VERSION), source("enriched")[: last_tick + 1])

    lead = partition.get(woken.lead_id)
    assert isinstance(lead, Lead)
    assert lead.sequence == woken.sequence
    assert partition.overdue > 0


def test_a_redriven_input_is_folded_where_it_was_answered() -> None:
    log, enriched = told(3, leave=2)
    given_out = [decode("decisions", message.value or b"") for message in log.written["decisions"]]
    left: list[Message] = []

    inputs = in_order(enriched, moments(given_out), lambda message, _event: left.append(message))
    partition = refolded(refolding(recorded(given_out), BY_VERSION), 0, inputs)

    leads = {one.lead_id for one in given_out}
    assert len(leads) > 10
    assert {lead: partition.get(lead) for lead in leads} == {lead: log.partition.get(lead) for lead in leads}
    assert partition.position.time == log.partition.position.time
    assert left == log.letters


def test_messages_come_in_the_order_of_the_offsets_that_are_named() -> None:
    log = [Message("interactions", 0, offset, None, None, [], None) for offset in (0, 1, 2, 4, 5)]

    assert [each.offset for each in in_order_of(log, (0, 2, 5, 1))] == [0, 2, 5, 1]
    assert [each.offset for each in in_order_of(log, (4, 3, 0))] == [4, 0]


def test_a_record_without_an_answer_is_named() -> None:
    with pytest.raises(Misconfigured, match="enriched/0/0 was handled, but `decisions` has no answer"):
        folded(refolding(recorded(()), BY_VERSION), source("enriched"))


def test_the_ids_that_were_seen_are_folded_without_a_key() -> None:
    _partition, found = folded(refolding_extractor(), source("interactions"))

    wanted = {key: encode("threads", thread) for key, thread in stage().threads.items()}
    assert len(wanted) > 30
    assert {key: found[key.encode()] for key in wanted} == wanted


def test_the_learned_rows_are_folded_from_the_transitions() -> None:
    _partition, found = folded(build_learner(), source("transitions"))

    rows = {key: value for key, value in last("q-table").items() if "|" in key}
    assert len(rows) > 50
    assert {key: found[key.encode()] for key in rows} == {
        key: encode("q-table", row) for key, row in rows.items()
    }
