"""Questions to the outside: many at once, each ended by its deadline, none while the breaker is open."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from runtime.asking import ANSWERED, LATE, SPARED, UNANSWERED, Asker, Breaker
from runtime.transform import Asking

PATIENCE = 10.0


class Counts:
    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def asked(self, service: str, outcome: str) -> None:
        assert service == "extractor"
        self.seen[outcome] += 1


@contextmanager
def asker(ask: Any, breaker: Breaker | None = None, **limits: Any) -> Iterator[tuple[Asker, Counts]]:
    counts = Counts()
    made = Asker("extractor", Asking(ask, **limits), counts, breaker)
    try:
        yield made, counts
    finally:
        made.close()


async def echo(request: Any) -> Any:
    return request


async def hang(_request: Any) -> Any:
    await asyncio.sleep(3600)


def test_a_reply_comes_as_it_was_given() -> None:
    with asker(echo) as (ask, counts):
        assert ask("hello").result(PATIENCE) == "hello"
        assert ask(None).result(PATIENCE) is None
    assert counts.seen == {ANSWERED: 1, UNANSWERED: 1}


def test_what_takes_longer_than_its_deadline_has_no_reply() -> None:
    with asker(hang, seconds=0.01) as (ask, counts):
        assert ask("hello").result(PATIENCE) is None
    assert counts.seen == {LATE: 1}


def test_waiting_for_a_turn_counts_towards_the_deadline() -> None:
    asked: list[Any] = []

    async def hanging(request: Any) -> Any:
        asked.append(request)
        await asyncio.sleep(3600)

    with asker(hanging, seconds=0.2, in_flight=1) as (ask, counts):
        first, second = ask("first"), ask("second")
        assert (first.result(PATIENCE), second.result(PATIENCE)) == (None, None)
    assert asked == ["first"]
    assert counts.seen == {LATE: 1, SPARED: 1}


def test_no_more_are_open_than_may_be() -> None:
    now, most, lock = 0, 0, threading.Lock()

    async def busy(_request: Any) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return True

    with asker(busy, in_flight=3) as (ask, _counts):
        assert all(reply.result(PATIENCE) for reply in [ask(number) for number in range(30)])
    assert most == 3


def test_what_ask_raises_is_raised_where_the_reply_is_wanted() -> None:
    async def wrong(_request: Any) -> Any:
        raise ZeroDivisionError

    with asker(wrong) as (ask, _counts), pytest.raises(ZeroDivisionError):
        ask("hello").result(PATIENCE)


def test_closing_gives_up_what_is_open() -> None:
    with asker(hang) as (ask, _counts):
        reply = ask("hello")
    assert reply.cancelled()


def test_after_failures_in_a_row_nothing_is_asked_until_a_rest_is_over_and_one_reply_closes_it() -> None:
    now, replies = 0.0, iter([None, None, "back", "again"])

    async def ask_outside(_request: Any) -> Any:
        return next(replies)

    breaker = Breaker(failures=2, rest_seconds=30, clock=lambda: now)
    with asker(ask_outside, breaker) as (ask, counts):
        for _failure in range(2):
            assert ask("hello").result(PATIENCE) is None
        assert ask("spared").result(PATIENCE) is None
        now = 31.0
        assert ask("tried").result(PATIENCE) == "back"
        assert ask("hello").result(PATIENCE) == "again"
    assert counts.seen == {UNANSWERED: 2, SPARED: 1, ANSWERED: 2}


def test_a_trial_that_fails_begins_another_rest_and_lets_one_through_only() -> None:
    now = 0.0
    breaker = Breaker(failures=1, rest_seconds=30, clock=lambda: now)
    breaker.heard(reply=False)
    now = 30.0
    assert [breaker.lets_ask(), breaker.lets_ask()] == [True, False]
    breaker.heard(reply=False)
    now = 59.0
    assert not breaker.lets_ask()
    now = 60.0
    assert breaker.lets_ask()


def test_one_reply_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(failures=2)
    for reply in (False, True, False, True):
        breaker.heard(reply=reply)
        assert breaker.lets_ask()


def test_a_reply_that_shows_a_fault_is_given_and_opens_the_breaker() -> None:
    breaker = Breaker(failures=2)
    with asker(echo, breaker, works=lambda reply: reply == "fine") as (ask, counts):
        assert [ask(word).result(PATIENCE) for word in ("fine", "down", "down", "fine")] == [
            "fine",
            "down",
            "down",
            None,
        ]
    assert counts.seen == {ANSWERED: 1, UNANSWERED: 2, SPARED: 1}


def test_what_asks_is_closed_where_it_asked() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def ask(_request: Any) -> str:
        loops.append(asyncio.get_running_loop())
        return "hello"

    async def close() -> None:
        loops.append(asyncio.get_running_loop())

    with asker(ask, close=close) as (question, _counts):
        question("hello").result(PATIENCE)
    assert len(loops) == 2
    assert loops[0] is loops[1]
