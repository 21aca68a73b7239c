"""What reading has cost, from nothing but the events."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.asked import Asked
from domain.events import ConversationEnriched, Part
from domain.vocabulary import Channel, Direction, ExtractionStatus, Failure, Flushed
from extractor.costs import costs, monthly, total
from tests import given

ASKED = Asked("gpt-6-luna", None, 1, 300, given.NOON, 2000, 1500, 0, 300, "list-1", 215_000, "p", "s")


def call(ordinal: int, asked: Asked | None = ASKED, **changes: Any) -> Any:
    status = ExtractionStatus.OK if asked is None or asked.failure is None else ExtractionStatus.FALLBACK
    said = replace(given.said(), status=status, model="rules-1")
    return given.contact(ordinal=ordinal, extraction=said, asked=asked, **changes)


def failed(failure: Failure, attempts: int) -> Asked:
    return replace(
        ASKED, failure=failure, attempts=attempts, tokens_in=0, tokens_cached=0, tokens_out=0, cost_nanos=0
    )


def test_e4_costs_are_summed_by_what_is_asked_for() -> None:
    tomorrow = replace(ASKED, asked_at=given.NOON + timedelta(days=1))
    events = [call(1), call(2), call(3, tomorrow), call(4, channel=Channel.SMS), call(5, None)]

    found = costs(events, ("day", "model", "channel"))

    assert {place: each.interactions for place, each in found.items()} == {
        ("2026-09-07", "gpt-6-luna", "sms"): 1,
        ("2026-09-07", "gpt-6-luna", "voice"): 2,
        ("2026-09-07", "rules-1", "voice"): 1,
        ("2026-09-08", "gpt-6-luna", "voice"): 1,
    }
    whole = total(found.values())
    assert (whole.interactions, whole.calls, whole.tokens_in, whole.tokens_out) == (5, 4, 8000, 1200)
    assert whole.dollars == 4 * 0.000215
    assert whole.dollars_per_1000 == 1000 * whole.dollars / 5


def test_e4_failures_and_fallbacks_are_told_apart() -> None:
    events = [
        call(1),
        call(2, failed(Failure.BUSY, 3)),
        call(3, failed(Failure.BUDGET, 0)),
        call(4, failed(Failure.BUSY, 1)),
    ]

    (sums,) = costs(events, ("model",)).values()

    assert (sums.calls, sums.fallbacks) == (5, 3)
    assert sums.failures == {"busy": 2, "budget": 1}


def test_what_had_nothing_to_read_is_not_counted() -> None:
    assert costs([given.missed_call()], ("day",)) == {}
    assert total([]).dollars_per_1000 == 0.0


def test_t1_a_conversation_is_read_once_however_many_messages_it_has() -> None:
    parts = tuple(Part(f"sms-{number}", number, given.NOON, Direction.INBOUND) for number in range(6))
    talk = ConversationEnriched(
        "e-1", "talk-1", "fam-1", 9, given.NOON, given.NOON, "g1", Flushed.COUNT, parts, given.said(), ASKED
    )
    (sums,) = costs([talk], ("channel",)).items()

    assert sums[0] == ("sms",)
    assert (sums[1].interactions, sums[1].conversations, sums[1].messages) == (1, 1, 6)


def test_days_are_summed_by_month() -> None:
    days = [replace(ASKED, asked_at=given.NOON + timedelta(days=number)) for number in range(40)]
    found = costs([call(number, day) for number, day in enumerate(days)], ("model", "day"))

    by_month = monthly(found, 1)

    assert {place: each.interactions for place, each in by_month.items()} == {
        ("gpt-6-luna", "2026-09"): 24,
        ("gpt-6-luna", "2026-10"): 16,
    }
    assert total(by_month.values()) == total(found.values())
