"""A partition that asks outside: it plans at once, and what is ready is the finished beginning of the plan."""

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as randomly
from hypothesis import strategies as st

from domain.events import Repeated, Tick
from domain.states import Lead
from domain.vocabulary import Verdict
from runtime.ahead import Ahead
from runtime.driver import Driver
from runtime.shelf import shelf_of
from runtime.transform import Asking, Output, Question, Record, Transform, Wake
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given
from tests.unit.runtime.diary import Log, answers, position, said


def handle(state: Lead | None, record: Record | Wake) -> tuple[Lead | None, tuple[Any, ...]]:
    """Counts contacts at once; what it says of one must be asked for, what it says of time not."""
    if isinstance(record, Record) and isinstance(record.value, Tick):
        return None, ()
    name = "wake" if isinstance(record, Wake) else record.value.event_id
    root = record.root_offset if isinstance(record, Wake) else record.offset
    lead = state or Lead(record.key)
    due = None if isinstance(record, Wake) else max(record.value.occurred_at, given.later(minutes=1))
    after = replace(lead, interactions=lead.interactions + 1, decays_at=due)

    def finish(reply: Any) -> tuple[Output, ...]:
        event = f"{name} {reply} {after.interactions}"
        return (
            Output(
                "enriched",
                record.key,
                Repeated(event, event, record.key, root, given.NOON, Verdict.DUPLICATE),
            ),
        )

    return after, (Question(name, finish),)


async def never(_request: Any) -> Any:
    raise AssertionError("the test gives the replies")


def transform(ask: Any = never) -> Transform[Lead]:
    return Transform(
        name="decider",
        sources=("interactions",),
        changelog="leads",
        handle=handle,
        due=lambda lead: lead.decays_at,
        asking=Asking(ask),
    )


class Outside:
    """Whom the partition asks: each question waits until the test replies."""

    def __init__(self) -> None:
        self.open: dict[str, Future[Any]] = {}

    def __call__(self, request: str) -> "Future[Any]":
        self.open[request] = Future()
        return self.open[request]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def partition(outside: Outside) -> Ahead[Lead]:
    return Ahead(transform(), 0, outside)


def ready(partition: Ahead[Lead]) -> list[str]:
    partition.settle()
    return [event for _key, event, _root in answers(partition)]


def test_answers_leave_in_the_order_of_their_inputs_whatever_comes_first(
    log: Log, partition: Ahead[Lead], outside: Outside
) -> None:
    for lead in ("fam-1", "fam-2", "fam-1"):
        partition.take(log.contact(lead))
    assert (ready(partition), partition.uncommitted, partition.waiting) == ([], False, 3)

    outside.open["interaction-2"].set_result("late")
    outside.open["interaction-1"].set_result("early")
    assert ready(partition) == []

    outside.open["interaction-0"].set_result("first")
    assert ready(partition) == ["interaction-0 first 1", "interaction-1 early 1", "interaction-2 late 2"]


def test_a_commit_holds_the_states_the_offset_and_the_time_of_what_is_finished_only(
    log: Log, partition: Ahead[Lead], outside: Outside
) -> None:
    for hours in range(3):
        partition.take(log.contact("fam-1", at=given.later(hours=hours)))
    outside.open["interaction-0"].set_result("yes")

    assert ready(partition) == ["interaction-0 yes 1"]
    assert partition.ready.offsets == {"interactions": 1}
    assert position(partition) == Position(given.NOON, position(partition).ticked, -1, next_offset=1)
    written = partition.ready.written["fam-1"]
    assert written is not None
    assert written.interactions == 1
    partition.fold()

    known = partition.get("fam-1")
    assert known is not None
    assert known.interactions == 3  # what was planned is not forgotten
    outside.open["interaction-1"].set_result("yes")
    outside.open["interaction-2"].set_result("yes")
    assert ready(partition) == ["interaction-1 yes 2", "interaction-2 yes 3"]


def test_after_an_abort_nothing_is_asked_again(log: Log, partition: Ahead[Lead], outside: Outside) -> None:
    partition.take(log.contact())
    outside.open["interaction-0"].set_result("yes")
    first = ready(partition)  # a commit that is aborted
    asked = dict(outside.open)

    partition.take(log.contact())

    assert ready(partition) == first
    assert outside.open.keys() - asked.keys() == {"interaction-1"}


def test_what_an_ask_raises_ends_the_service(log: Log, partition: Ahead[Lead], outside: Outside) -> None:
    partition.take(log.contact())
    outside.open["interaction-0"].set_exception(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        partition.settle()


def test_a_wake_asks_too_and_its_tick_moves_at_once(
    log: Log, partition: Ahead[Lead], outside: Outside
) -> None:
    partition.take(log.contact("fam-1", due=given.later(hours=1)))
    outside.open["interaction-0"].set_result("yes")
    partition.take(log.tick(hours=2))
    assert partition.wake(10) == 1

    assert ready(partition) == ["interaction-0 yes 1"]
    assert partition.ready.offsets == {"interactions": 2}
    assert position(partition).ticked == given.later(hours=2)
    shelf = shelf_of(transform())
    for emit in partition.changes():
        if emit.key != POSITION_KEY.encode():
            shelf.restore((emit.key or b"").decode(), emit.value, emit.headers)
    restarted = Ahead(transform(), 0, outside, dict, shelf, position(partition))
    assert restarted.overdue == 1  # its answer was not committed: it comes again

    outside.open["wake"].set_result("yes")
    assert ready(partition) == ["interaction-0 yes 1", "wake yes 2"]


def test_who_lost_the_partition_waits_for_no_reply(
    log: Log, partition: Ahead[Lead], outside: Outside
) -> None:
    partition.take(log.contact())
    partition.cancel()
    assert outside.open["interaction-0"].cancelled()


def test_the_driver_answers_each_question_before_the_next_message() -> None:
    async def ask(request: str) -> str:
        return request.upper()

    driver = Driver(transform(ask))
    written = driver.send("fam-1", given.recorded())
    assert [one.value.event_id for one in written if one.topic == "enriched"] == [
        "interaction-1 INTERACTION-1 1"
    ]


plans = st.lists(
    st.tuples(st.sampled_from(["fam-1", "fam-2"]), st.booleans(), st.booleans()), min_size=1, max_size=20
)


@randomly(plans)
def test_answers_and_states_are_those_of_asking_one_by_one(plan: list[tuple[str, bool, bool]]) -> None:
    """Whichever replies come first, and wherever commits end."""
    log, outside = Log(), Outside()
    partition = Ahead(transform(), 0, outside)
    answered = []
    waiting: list[str] = []
    for number, (lead, replies, commits) in enumerate(plan):
        partition.take(log.contact(lead))
        waiting.append(f"interaction-{number}")
        if replies:
            outside.open[waiting.pop()].set_result("yes")  # the newest first
        if commits:
            partition.settle()
            answered += [said(emit) for emit in partition.emits]
            partition.fold()
    for request in waiting:
        outside.open[request].set_result("yes")
    partition.settle()
    answered += [said(emit) for emit in partition.emits]
    partition.fold()

    counts = dict.fromkeys(["fam-1", "fam-2"], 0)
    for number, (lead, _replies, _commits) in enumerate(plan):
        counts[lead] += 1
        assert answered[number][:2] == (lead, f"interaction-{number} yes {counts[lead]}")
    assert len(answered) == len(plan)
    assert {lead: count for lead, count in counts.items() if count} == {
        lead: state.interactions for lead in counts if (state := partition.get(lead)) is not None
    }
    assert partition._planned == {}
