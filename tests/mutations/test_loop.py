"""Rules 2, 3 and 4 broken: where the offsets come from, what an abort leaves, and what a callback may raise."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from extractor.service import build
from runtime import processor
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Transform
from tests.broker import eventually
from tests.integration.runtime.answers import Feed, count
from tests.integration.runtime.loops import processing
from tests.integration.runtime.test_abort import Stranger, inject, stranger
from tests.keyring import MemoryKeys
from tests.mutations.answers import each_is_answered_once
from tests.mutations.breaks import UNHEARD
from tests.mutations.conftest import Trial
from tests.mutations.death import Death, Died

SMALL_BYTES = 5_000
"""Commits come in the middle of what one `consume` brought."""
WORK_SECONDS = 0.002
"""Of one input, so that a backlog stays while copies come and go."""


def test_2_a_copy_dies_after_the_first_of_many_commits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    monkeypatch.setattr(processor, "BYTES", SMALL_BYTES)
    Feed(settings).write(600)
    with trial.of(
        "2",
        "offsets_are_what_was_read",
        "a copy dies after the first of many commits of one read",
        "I1|its state at",
    ):
        with monkeypatch.context() as dying:
            Death(dying).at("commit.after")
            with processing(settings, partitions=None) as loop:
                assert isinstance(loop.ended(), Died)
        assert 0 < count(settings) < 600
        with processing(settings):
            each_is_answered_once(settings)


def test_3_the_broker_demands_an_abort(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    monkeypatch.setattr(processor, "BYTES", SMALL_BYTES)
    Feed(settings).write(600)
    with (
        trial.of(
            "3",
            "state_is_folded_before_the_commit",
            "the broker demands an abort in the middle of a batch",
            "I1",
        ),
        stranger(settings) as member,
    ):
        inject(monkeypatch, lambda producer: Stranger(producer, {2}, member))
        with processing(settings) as loop:
            eventually(loop.aborts, "the abort")
            each_is_answered_once(settings)


def slow() -> Transform[Any]:
    """The extractor, at leisure."""
    plain = build(MemoryKeys())

    def handle(state: Any, record: Any) -> Any:
        time.sleep(WORK_SECONDS)
        return plain.handle(state, record)

    return replace(plain, handle=handle)


@contextmanager
def again_and_again(settings: Settings) -> Iterator[list[BaseException]]:
    """A copy that is started again when it fails; gives what has ended it."""
    over, failures, wrong = threading.Event(), list[BaseException](), list[BaseException]()

    def once() -> None:
        with processing(settings, slow(), partitions=None) as loop:
            loop.expected = True
            while not over.wait(0.05) and not loop.over:
                pass
        if loop.failure is not None:
            failures.append(loop.failure)

    def run() -> None:
        try:
            while not over.is_set():
                once()
        except BaseException as failure:  # noqa: BLE001 - raised again below
            wrong.append(failure)

    thread = threading.Thread(target=run, name="again")
    thread.start()
    try:
        yield failures
    finally:
        over.set()
        thread.join()
    if wrong:
        raise wrong[0]


def fails_where_a_partition_goes(monkeypatch: pytest.MonkeyPatch, armed: threading.Event) -> list[set[int]]:
    """A callback of the first copy raises once each time that it is armed; gives the partitions it was called for."""
    kept, fired = Processor._released, list[set[int]]()

    def released(self: Processor[Any], numbers: set[int]) -> None:
        kept(self, numbers)
        if self._settings.slot == 0 and armed.is_set():
            armed.clear()
            fired.append(numbers)
            raise UNHEARD("a callback fails once")

    monkeypatch.setattr(Processor, "_released", released)
    return fired


def test_4_a_callback_fails_while_a_second_copy_joins(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    """Three times, for a message is only lost where the client had one in its hand when it called back."""
    Feed(settings).write(9_000)
    armed = threading.Event()
    fired = fails_where_a_partition_goes(monkeypatch, armed)

    def handled(wanted: int) -> Callable[[], bool]:
        return lambda: count(settings) > wanted

    def ended(times: int) -> bool:
        return trial.broken or len(failures) >= times

    with (
        trial.of(
            "4",
            "an_exception_leaves_a_callback",
            "callbacks fail while a second copy joins under load, three times",
            "I1",
        ),
        again_and_again(settings) as failures,
    ):
        for joins in (1, 2, 3):
            eventually(handled(2_000 * joins - 1_500), "the first copy works")
            armed.set()
            with processing(settings.model_copy(update={"slot": 1}), slow(), partitions=None):
                eventually(lambda: not armed.is_set(), "the callback fails")
                eventually(partial(ended, joins), "the failure ends it")
        assert len(fired) == 3
        each_is_answered_once(settings, 40.0)
