"""A partition whose handler asks outside: it plans ahead of the answers, and releases in the order of its inputs."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic

from runtime.envelope import carried
from runtime.state import Batch, Partition, State
from runtime.transform import Emit, Message, Question, Transform
from schemas.position import Position

Ask = Callable[[Any], "Future[Any]"]
"""Begins to ask; the future has the reply, None where there is none."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The place of a question among its input's outputs."""

    question: Question
    reply: "Future[Any]"
    trace: bytes | None


@dataclass(slots=True)
class Step(Generic[State]):
    """One input that was planned: all that it did, and what it still waits for."""

    batch: Batch[State]
    position: Position
    replies: list["Future[Any]"] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether every question has its reply."""
        return all(reply.done() for reply in self.replies)


class Ahead(Partition[State]):
    """Plans in offset order at once; what is ready is the finished beginning of the plan, whatever is behind it.

    A commit that fails takes nothing back: what was asked is not asked again.
    """

    def __init__(self, transform: Transform[State], number: int, ask: Ask, *restored: Any) -> None:
        super().__init__(transform, number, *restored)
        self._ask = ask
        self._steps: deque[Step[State]] = deque()
        self._planned: dict[str, State | None] = {}
        self._finished: Batch[State] = Batch()
        self._finished_at = self.position

    def take(self, message: Message) -> bool:
        """As every partition does; the answer may come later."""
        try:
            return super().take(message)
        finally:
            self._close()

    def wake(self, limit: int) -> int:
        """As every partition does; each wake is finished for itself."""
        for count in range(limit):
            if super().wake(1) == 0:
                return count
            self._close()
        return limit

    def settle(self) -> None:
        """Move the finished beginning of the plan to what is ready; raises what an ask may not raise."""
        while self._steps and self._steps[0].finished:
            step = self._steps.popleft()
            ready, done = self._finished, step.batch
            for emit in self._resolved(done.emits):
                ready.emits.append(emit)
                ready.size += len(emit.value or b"")
            ready.written |= done.written
            ready.offsets, ready.touched = done.offsets, True
            self._finished_at = step.position

    def cancel(self) -> None:
        """Nobody waits for the replies any more."""
        for step in self._steps:
            for reply in step.replies:
                reply.cancel()

    @property
    def waiting(self) -> int:
        """Inputs that were planned and are not ready."""
        return len(self._steps)

    @property
    def ready(self) -> Batch[State]:
        """What a commit would write."""
        return self._finished

    def get(self, key: str) -> State | None:
        """The key's state with everything that was planned."""
        for written in (self._open.written, self._planned):
            if key in written:
                return written[key]
        return self._shelf.get(key)

    @property
    def _reached(self) -> Position:
        return self._finished_at

    def _folded(self) -> None:
        for key, state in self._finished.written.items():
            if key in self._planned and self._planned[key] is state:  # else a later input has written it anew
                del self._planned[key]
        self._finished = Batch()

    def _close(self) -> None:
        """What was handled since the last step becomes one."""
        done = self._open
        if not done.touched:
            return
        self._open = Batch()
        done.offsets = dict(self.offsets)
        replies = [each.reply for each in done.emits if isinstance(each, Pending)]
        self._planned |= done.written
        self._steps.append(Step(done, self.position, replies))

    def _emit(self, outputs: Iterable[Any], trace: bytes | None) -> None:
        for output in outputs:
            if isinstance(output, Question):
                reply = self._ask(output.request)
                self._open.emits.append(Pending(output, reply, trace))
                self._open.touched = True
            else:
                super()._emit((output,), trace)

    def _resolved(self, emits: Iterable[Any]) -> Iterator[Emit]:
        """The outputs of each question in its place."""
        for emit in emits:
            if not isinstance(emit, Pending):
                yield emit
                continue
            for output in emit.question.finish(emit.reply.result()):
                yield self._emitted(output, carried(emit.trace))


def partition_of(
    transform: Transform[State], number: int, ask: Ask | None, *restored: Any
) -> Partition[State]:
    """The partition that a transform needs; `restored` as Partition takes it: tables, shelf, position."""
    return (
        Partition(transform, number, *restored) if ask is None else Ahead(transform, number, ask, *restored)
    )
