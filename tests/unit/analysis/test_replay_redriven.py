"""I10 where dead letters were redriven: each input is decided again when it was answered, not where it stands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import pytest

from analysis.replay import Records, replay
from decider.service import build
from decider.tables import Q_TABLE, Policies, learned
from learner.service import build as build_learner
from runtime.driver import Driver
from runtime.errors import Rejected
from runtime.global_table import Staging
from runtime.state import Partition
from runtime.transform import Emit, Message, Record
from schemas.codec import decode, encode
from schemas.topics import TICK_KEY
from tests import given
from tests.unit.analysis.test_replay import PARAMETERS, story

LENGTH = 260
"""Inputs and ticks of the demo that are decided here: those of its first weeks."""


class Log:
    """What a decider writes that rejects some inputs at first, and takes them when they are redriven."""

    def __init__(self, rejected: Callable[[Message], bool]) -> None:
        self._rejected, self._mended = rejected, False
        self._values = Staging(Q_TABLE)
        plain = build(lambda: learned(self._values.view, Policies(PARAMETERS)))
        self._plain = plain.handle
        self.partition = Partition(replace(plain, handle=self._handle), 0, lambda: self._values.versions)
        self._learner = Driver(build_learner())
        self.written: dict[str, list[Message]] = {"decisions": [], "transitions": [], "decider.dead": []}
        self.letters: list[Message] = []
        self._teach("default", encode("transitions", given.TABLE))

    def take(self, message: Message) -> None:
        """At its own place: a rejected one becomes a letter."""
        self._message, self._mended = message, False
        if not self.partition.take(message):
            self.letters.append(message)
        self._commit()

    def redrive(self, count: int) -> None:
        """The oldest letters come back, after a mend."""
        begin = len(self.written["decider.dead"]) - len(self.letters)
        for letter in self.written["decider.dead"][begin : begin + count]:
            self._mended = True
            assert self.partition.take(msgspec.structs.replace(letter, topic="decider.redrive"))
            self._commit()
        del self.letters[:count]

    def records(self, enriched: Sequence[Message]) -> Records:
        policies = [Message("policies", 0, 0, b"parameters|1", encode("policies", PARAMETERS), [], None)]
        return Records(enriched, self.written["decisions"], self.written["transitions"], policies)

    def _handle(self, state: Any, record: Any) -> Any:
        if isinstance(record, Record) and not self._mended and self._rejected(self._message):
            raise Rejected("an error of this release")
        return self._plain(state, record)

    def _commit(self) -> None:
        while self.partition.overdue:
            self.partition.wake(1)
        emits = list(self.partition.emits)
        self.partition.fold()
        for emit in emits:
            if emit.topic == "transitions":
                self._teach((emit.key or b"").decode(), emit.value or b"")
            else:
                self._append(emit)

    def _teach(self, key: str, value: bytes) -> None:
        self._append(Emit("transitions", 0, key.encode(), value, []))
        for row in self._learner.send(key, decode("transitions", value)):
            if row.topic == "q-table":
                self._values.add(row.key, row.value, strict=True)

    def _append(self, emit: Emit) -> None:
        log = self.written[emit.topic]
        log.append(Message(emit.topic, 0, len(log), emit.key, emit.value, emit.headers, None))


def is_tick(message: Message) -> bool:
    return message.key == TICK_KEY.encode()


def told(seed: int, *, leave: int) -> tuple[Log, list[Message]]:
    """The demo with every ninth input rejected, and letters redriven by chance; `leave` are never redriven."""
    draw = Random(seed)  # noqa: S311 - an order, no secret
    enriched = list(story().enriched[:LENGTH])
    inputs = [message for message in enriched if not is_tick(message)]
    bad = {message.offset for message in draw.sample(inputs, len(inputs) // 9)}
    log = Log(lambda message: message.offset in bad)
    for message in enriched:
        log.take(message)
        if draw.random() < 0.05:
            log.redrive(draw.randint(1, 3))
    log.redrive(len(log.letters) - leave)
    return log, enriched


@pytest.mark.parametrize(("seed", "leave"), [(1, 0), (2, 0), (3, 2)])
def test_i10_what_was_redriven_is_decided_alike(seed: int, leave: int) -> None:
    log, enriched = told(seed, leave=leave)

    report = replay(log.records(enriched))

    assert report.differing == []
    assert report.alike["decisions"] == len(log.written["decisions"]) > 100
    assert len(log.written["decider.dead"]) > 8
    assert report.waiting == leave
    roots = [decode("decisions", message.value or b"").root_offset for message in log.written["decisions"]]
    assert roots != sorted(roots), "something was answered late"
