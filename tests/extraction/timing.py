"""What reading costs: CPU of an adapter for a call of 600 words and for a single SMS."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.extraction import Extraction
from domain.vocabulary import Channel, Direction
from tests.extraction.golden import Golden

Adapter = Callable[[str, Channel, Direction], Extraction[str]]

CALL_WORDS, SHORTEST_CALL = 600, 200
_PASSES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of this process."""

    call_ms: float
    sms_ms: float


def cost(adapter: Adapter, told: list[Golden]) -> Cost:
    """The best of five passes over each text, for the machine has other work.

    A call counts from 200 words on, by its words scaled to 600; an SMS is one inbound message without labels.
    """
    calls = [one for one in told if one.channel is Channel.VOICE and one.length >= SHORTEST_CALL]
    single = [one for one in told if _is_single(one)]
    words = sum(len(one.text.split()) for one in calls)
    return Cost(
        1000 * CALL_WORDS * sum(_best_s(adapter, one) for one in calls) / words,
        1000 * sum(_best_s(adapter, one) for one in single) / len(single),
    )


def _is_single(one: Golden) -> bool:
    inbound = one.channel is Channel.SMS and one.direction is Direction.INBOUND
    return inbound and len(one.transcript.passages) == 1 and bool(one.text)


def _best_s(adapter: Adapter, one: Golden) -> float:
    spent = []
    for _ in range(_PASSES):
        begun = time.process_time()
        adapter(one.text, one.channel, one.direction)
        spent.append(time.process_time() - begun)
    return min(spent)
