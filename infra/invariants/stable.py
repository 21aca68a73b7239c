"""Whether a transaction hangs: what stays behind an open one is read by nobody (I8)."""

import time
from collections.abc import Callable
from functools import partial

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined] # its stubs lack it

from infra.invariants.history import Open
from runtime import clients
from runtime.clients import CALL_SECONDS, TRANSACTION_MS
from runtime.errors import NotReady
from runtime.settings import Settings
from schemas.topics import TOPICS

SCAN_SECONDS = 10.0
"""How often the broker looks for transactions that are older than their time-out."""

HANGING_SECONDS = TRANSACTION_MS / 1000 + SCAN_SECONDS + 5.0
"""A transaction that is open for so long was begun and is ended by nobody."""

Places = dict[tuple[str, int], int]
"""An offset by topic of the catalogue and partition."""


def hanging(settings: Settings, seconds: float = HANGING_SECONDS) -> tuple[Open, ...]:
    """Partitions whose end as of now is still not stable when `seconds` have gone by; at once where none is open.

    Raises NotReady where the broker does not answer.
    """
    admin = clients.admin(settings)
    behind = _asked(lambda: _offsets(admin, settings, _all(admin, settings), IsolationLevel.READ_UNCOMMITTED))
    deadline = time.monotonic() + seconds
    while True:
        committed = partial(_offsets, admin, settings, list(behind), IsolationLevel.READ_COMMITTED)
        stable = _asked(committed)
        behind = {place: end for place, end in behind.items() if stable[place] < end}
        if not behind or time.monotonic() > deadline:
            return tuple(Open(*place, stable[place], end) for place, end in sorted(behind.items()))
        time.sleep(0.2)


def _asked(ask: Callable[[], Places]) -> Places:
    """The answer; a broker that has just started is asked again for a while."""
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        try:
            return ask()
        except KafkaException as wrong:
            if time.monotonic() > deadline:
                told = wrong.args[0].str()
                raise NotReady(f"the broker does not say where its topics end: {told}") from wrong
            time.sleep(0.2)


def _all(admin: AdminClient, settings: Settings) -> list[tuple[str, int]]:
    known = admin.list_topics(timeout=CALL_SECONDS).topics
    return [
        (name, number)
        for name in TOPICS
        if settings.topic(name) in known
        for number in known[settings.topic(name)].partitions
    ]


def _offsets(
    admin: AdminClient, settings: Settings, places: list[tuple[str, int]], level: IsolationLevel
) -> Places:
    if not places:
        return {}
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # its stubs lack types
    named = {(settings.topic(topic), number): (topic, number) for topic, number in places}
    asked = {TopicPartition(*place): latest for place in named}
    found = admin.list_offsets(asked, isolation_level=level, request_timeout=CALL_SECONDS)
    return {
        named[place.topic, place.partition]: future.result(CALL_SECONDS).offset
        for place, future in found.items()
    }
