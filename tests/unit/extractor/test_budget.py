"""E4: a day's dollars, then the rules; a restart knows what the day has cost."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.asked import Asked
from domain.vocabulary import Channel, Direction, Failure
from extractor.budget import Budget, within
from extractor.port import Reply, request
from extractor.pricing import NANOS
from tests.unit.extractor.models import USED, model

EVENING = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)
ASKED = request("Yes please", Channel.SMS, Direction.INBOUND)


@dataclass
class Clock:
    now: datetime = EVENING

    def __call__(self) -> datetime:
        return self.now


def asked(at: datetime | None, dollars: float) -> Asked:
    return Asked("a-model", None, 1, 10, at, 0, 0, 0, 0, "1", round(dollars * NANOS), "p", "s")


def test_e4_what_is_spent_ends_the_asking_for_the_day() -> None:
    clock = Clock()
    budget = Budget(2 * model().terms.nanos(USED) / NANOS, clock)
    limited = within(budget, model())

    replies = [asyncio.run(limited.ask(ASKED)) for _ in range(3)]
    clock.now += timedelta(hours=1)
    tomorrow = asyncio.run(limited.ask(ASKED))

    assert [reply.failure for reply in (*replies, tomorrow)] == [None, None, Failure.BUDGET, None]
    assert replies[2] == Reply(None, Failure.BUDGET)


def test_e4_a_restart_counts_what_the_log_says_of_today() -> None:
    clock = Clock()
    budget = Budget(1.0, clock)
    lasted = []
    for earlier in (
        [asked(EVENING - timedelta(days=1), 5.0), asked(None, 5.0), asked(EVENING, 0.6)],
        [asked(EVENING.replace(hour=0), 0.4)],
    ):
        budget.known(earlier)
        lasted.append(budget.lasts)

    assert lasted == [True, False]
    assert budget.midnight == datetime(2026, 11, 26, tzinfo=UTC)


def test_e4_nothing_may_be_spent_at_nought() -> None:
    assert asyncio.run(within(Budget(0.0, Clock()), model()).ask(ASKED)).failure is Failure.BUDGET
