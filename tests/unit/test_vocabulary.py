"""What names nothing of the vocabulary is a dead letter that says what it may be; nothing of it reaches a table."""

from dataclasses import replace
from typing import Any

import pytest

from decider.service import build as build_decider
from domain.acts_enriched import AnswerEnriched
from domain.records import Transition
from domain.vocabulary import OperatorAnswer
from learner.service import build as build_learner
from runtime.state import Partition
from runtime.transform import Message
from schemas.codec import encode
from tests import given

TAUGHT = given.taught("new:neutral", "info_send", 0.1)


def refused(partition: Partition[Any], topic: str, key: str, value: Any) -> str:
    """Why the event became a dead letter."""
    fine = partition.take(Message(topic, 0, 7, key.encode(), encode(topic, value), [], None))
    assert not fine
    (letter,) = partition.emits
    assert letter.value == encode(topic, value)
    return dict(letter.headers)["dead-reason"].decode()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (replace(TAUGHT, action="sing"), "an action is one of warm_follow_up, scheduling_push,"),
        (replace(TAUGHT, next_actions=("wait", "sing")), "an action is one of warm_follow_up,"),
        (replace(TAUGHT, from_state="friend:neutral"), "a state is one of new, contacted,"),
        (replace(TAUGHT, to_state="new:sunny"), "a state is one of new, contacted,"),
        (replace(TAUGHT, reward=float("nan")), "the reward is not a number"),
        (replace(TAUGHT, table_id="second"), "table second was never created"),
    ],
)
def test_a_transition_that_names_nothing_is_refused(event: Transition, said: str) -> None:
    partition = Partition(build_learner(), 0)
    created = Message("transitions", 0, 0, b"default", encode("transitions", given.TABLE), [], None)
    assert partition.take(created)
    before = partition.get("default")

    assert said in refused(partition, "transitions", event.table_id, event)
    assert partition.get("default") is before


def test_an_act_that_executed_no_action_is_refused() -> None:
    at = given.later(hours=1)
    said = OperatorAnswer.EXECUTED
    event = AnswerEnriched("enriched-2", "answer-2", "fam-1", 2, at, at, "decision-1", said, "sing")

    reason = refused(Partition(build_decider(given.learned), 0), "enriched", "fam-1", event)

    assert "an action is one of warm_follow_up, scheduling_push," in reason
