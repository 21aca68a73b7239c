"""How old the newest state of a service is: the last committed record of each partition of its state topic."""

import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from runtime.errors import NotReady
from runtime.global_table import STALLED_SECONDS, end_offsets
from runtime.messages import END, pass_over
from runtime.settings import Settings

CHANGELOGS = {"extractor": "threads", "decider": "leads", "learner": "q-table"}
"""The state topic of each group that has one."""

TAIL = 100
"""Offsets before the end in which there is nearly always a record, between the marks of transactions."""


def state_ages(settings: Settings, reader: Consumer, topic: str) -> dict[int, float | None]:
    """Seconds by partition since its newest committed record was written; None where there is none."""
    name = settings.topic(topic)
    ends = end_offsets(settings, name)
    newest = _newest_ms(
        reader, [TopicPartition(name, number, max(0, end - TAIL)) for number, end in ends.items()]
    )
    silent = [number for number, end in ends.items() if end > TAIL and number not in newest]
    newest |= _newest_ms(reader, [TopicPartition(name, number, OFFSET_BEGINNING) for number in silent])
    now = time.time()
    return {number: _age(now, newest.get(number)) for number in sorted(ends)}


def _age(now: float, written_ms: int | None) -> float | None:
    return None if written_ms is None else max(0.0, now - written_ms / 1000)


def _newest_ms(reader: Consumer, places: list[TopicPartition]) -> dict[int, int]:
    """When the last record from each place on was written, milliseconds of the epoch."""
    reader.assign(places)
    unread = {place.partition for place in places}
    found: dict[int, int] = {}
    deadline = time.monotonic() + STALLED_SECONDS
    while unread:
        message = reader.poll(0.1)
        if time.monotonic() > deadline:
            raise NotReady(f"{places[0].topic} cannot be read to its end")
        if message is None:
            continue
        error = message.error()
        if error is None:
            found[message.partition() or 0] = message.timestamp()[1]
        elif error.code() == END:
            unread.discard(message.partition() or 0)
        else:
            pass_over(error)
    return found
