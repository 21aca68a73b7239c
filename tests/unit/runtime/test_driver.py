"""Whatever the restarts, the batches and the aborts, the log is the one of a calm run."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given as randomly
from hypothesis import settings
from hypothesis import strategies as st

from decider.service import build as build_decider
from domain.events import Tick
from domain.records import Transition
from domain.vocabulary import Channel, Direction
from extractor.service import build as build_extractor
from learner.service import build as build_learner
from runtime.driver import Driver, Written
from runtime.state import Partition
from runtime.transform import Message
from schemas.topics import TICK_KEY
from tests import given
from tests.keyring import MemoryKeys
from tests.unit.domain.test_q_learning import transition
from tests.unit.runtime.diary import Diary, Log, said

LEADS = ("fam-1", "fam-2", "fam-3")

steps = st.one_of(
    st.tuples(
        st.sampled_from(["call", "sms", "thread", "record"]), st.sampled_from(LEADS), st.integers(0, 200)
    ),
    st.tuples(st.just("tick"), st.just(TICK_KEY), st.integers(0, 2000)),
)
runs = st.lists(st.tuples(steps, st.booleans()), max_size=25)


def event(what: str, lead_id: str, hours: int, ordinal: int) -> Any:
    at = given.later(hours=hours)
    match what:
        case "tick":
            return Tick(at)
        case "record":
            return replace(given.recorded_lead(at, ordinal), lead_id=lead_id)
        case "sms" | "thread":
            inbound: dict[str, Any] = {"channel": Channel.SMS, "direction": Direction.INBOUND}
            return given.recorded(at, ordinal % 20, lead_id=lead_id, buffered=what == "thread", **inbound)
    return given.recorded(at, ordinal % 20, lead_id=lead_id)


def told(run: Sequence[tuple[tuple[str, str, int], bool]], *, restarts: bool) -> tuple[list[Written], ...]:
    """What the extractor and the decider write, restarted after the steps that say so."""
    extractor = Driver(build_extractor(MemoryKeys()))
    decider = Driver(build_decider(given.learned), lambda: {"default": 0})
    for ordinal, ((what, key, hours), restart) in enumerate(run):
        for each in extractor.send(key, event(what, key, hours, ordinal)):
            if each.topic == "enriched":
                decider.send(each.key, each.value)
        if restart and restarts:
            extractor.restart()
            decider.restart()
    return extractor.log, decider.log


@settings(max_examples=300)
@randomly(runs)
def test_extractor_and_decider_write_the_same_whatever_the_restarts(
    run: list[tuple[tuple[str, str, int], bool]],
) -> None:
    assert told(run, restarts=True) == told(run, restarts=False)


taught = st.lists(
    st.tuples(
        st.sampled_from(["new:neutral", "contacted:considering"]),
        st.sampled_from(["warm_follow_up", "wait"]),
        st.floats(-1, 1),
        st.booleans(),
    ),
    max_size=30,
)


@randomly(taught)
def test_the_learner_writes_the_same_whatever_the_restarts(run: list[tuple[str, str, float, bool]]) -> None:
    restarted, calm = (Driver(build_learner()) for _ in range(2))
    for driver in (restarted, calm):
        driver.send("default", given.TABLE)
        for state, action, reward, restart in run:
            driver.send("default", one(state, action, reward))
            if restart and driver is restarted:
                driver.restart()

    assert restarted.log == calm.log


def one(state: str, action: str, reward: float) -> Transition:
    return transition(from_state=state, action=action, reward=reward, to_state="new:neutral")


moves = st.lists(
    st.tuples(
        st.sampled_from(["contact", "contact", "tick"]),
        st.sampled_from(LEADS),
        st.integers(0, 30),
        st.integers(1, 30),
        st.sampled_from(["", "fold", "abort"]),
    ),
    max_size=30,
)


def batched(messages: list[Message], ends: list[str]) -> list[tuple[str, str, int, object]]:
    """All answers of the leads, with a commit or an abort where `ends` says so; an abort leaves all for the next."""
    partition = Partition(Diary(timedelta(hours=7)).transform(), 0)
    answered: list[tuple[str, str, int, object]] = []

    def commit() -> None:
        while partition.overdue:
            partition.wake(1)
        answered.extend(said(emit) for emit in partition.emits)
        partition.fold()

    for message, end in zip(messages, ends, strict=True):
        partition.take(message)
        if end == "abort":
            assert [*partition.emits, *partition.changes()]
        if end == "fold":
            commit()
    commit()
    return answered


def by_lead(answered: list[tuple[str, str, int, object]]) -> dict[str, list[tuple[str, str, int, object]]]:
    return {lead: [each for each in answered if each[0] == lead] for lead in (*LEADS, TICK_KEY)}


@settings(max_examples=300)
@randomly(moves)
def test_a_leads_answers_are_the_same_wherever_batches_end_and_abort(
    run: list[tuple[str, str, int, int, str]],
) -> None:
    log = Log()
    for what, lead_id, hours, due, _end in run:
        if what == "tick":
            log.tick(hours=hours)
        else:
            log.contact(lead_id, given.later(hours=hours), given.later(hours=hours + due))

    ends = [end for *_rest, end in run]
    answered = by_lead(batched(log.messages, ends))
    assert answered == by_lead(batched(log.messages, ["fold"] * len(ends)))
