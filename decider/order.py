"""The decider's inputs in the order of their answers, which a redriven dead letter makes another than the log's."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from domain.records import Answered
from runtime.state import BEGINNING
from runtime.transform import Message, tick_of
from schemas.codec import Undecodable, decode


@dataclass(frozen=True, slots=True)
class Moment:
    """When an input was answered: which answer of its partition that was, and partition time then.

    `overtaken` says that its household was given an answer to a later input before.
    """

    order: int
    time: datetime
    overtaken: bool


Moments = Mapping[int, Moment]
"""By the input's root offset, of one partition."""

Unanswered = Callable[[Message, Any], None]
"""Hears of an input that no answer names, and its event: a dead letter, or one that is not handled yet."""


def moments(answers: Iterable[Answered]) -> dict[int, Moment]:
    """Of one partition's answers in the order of `decisions`; of two answers to one input the first counts."""
    found: dict[int, Moment] = {}
    newest: dict[str, int] = {}
    for order, answer in enumerate(answers):
        root, before = answer.root_offset, newest.get(answer.lead_id, -1)
        found.setdefault(root, Moment(order, answer.decided_at, before > root))
        newest[answer.lead_id] = max(before, root)
    return found


def in_order(messages: Iterable[Message], answered: Moments, unanswered: Unanswered) -> Iterator[Message]:
    """One partition of `enriched` as it was handled: every tick, and each input where it was answered.

    An input whose answer came at a later partition time, or after that to a later input of its household, is one
    that was set aside and redriven: it comes before whatever was handled after it.
    """
    time = BEGINNING
    late: list[tuple[int, datetime, Message]] = []
    for message in messages:
        value = _event(message)
        if value is None:
            continue  # undecodable then and now: a dead letter that nobody can redrive
        own = None if tick_of(value) else answered.get(value.root_offset)
        if own is None and not tick_of(value):
            unanswered(message, value)
            continue
        if own is not None and (own.overtaken or own.time > max(time, value.recorded_at)):
            heappush(late, (own.order, own.time, message))
            continue
        while late and (late[0][0] < own.order if own else late[0][1] < value.recorded_at):
            _order, at, earlier = heappop(late)
            time = max(time, at)
            yield earlier
        time = max(time, value.recorded_at)
        yield message
    while late:
        yield heappop(late)[2]


def _event(message: Message) -> Any:
    try:
        return decode(message.topic, message.value or b"")
    except Undecodable:
        return None
