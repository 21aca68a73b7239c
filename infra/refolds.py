"""One partition of a state topic folded anew from its source, and compared with what is kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from decider.refold import Recorded
from decider.refold import refolding as refolding_decider
from domain.parameters import Parameters
from domain.q_learning import Marker
from extractor.refold import refolding as refolding_extractor
from infra.inputs import of_decider, of_extractor, rulings
from learner.service import build as build_learner
from runtime.lookback import messages
from runtime.rebuild import refolded
from runtime.settings import Settings
from runtime.state import Partition
from runtime.transform import Headers, Message
from schemas.codec import decode
from schemas.position import Position
from schemas.topics import POSITION_KEY

_POSITION = POSITION_KEY.encode()

Row = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers to write; no value ends what is kept under the key."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One partition of a state topic: its keys, and how many were otherwise before."""

    topic: str
    partition: int
    keys: int
    differing: int


@dataclass(frozen=True, slots=True)
class Task:
    """One partition of a service's source, to be folded below `end`."""

    settings: Settings
    service: str
    number: int
    end: int

    def run(self) -> tuple[Rebuilt, list[Row]]:
        """What differs from what is kept, and everything that there is to keep; raises NotReady or Misconfigured."""
        source, changelog, make = SERVICES[self.service]
        partition = make(self.settings, self.number, self.end)
        partition.offsets[source] = self.end  # the last records may be dead letters, which are not folded
        after = [(each.key, each.value, each.headers) for each in partition.changes()]
        return compared(changelog, self.number, after, messages(self.settings, changelog, self.number))


def compared(topic: str, number: int, after: list[Row], kept: Iterable[Message]) -> tuple[Rebuilt, list[Row]]:
    """Everything under its key once more, the position last, a tombstone for what is no more; and what differs.

    Where a position is kept it goes first: a state that was half written is refused at the next start.
    """
    before = _last(kept)
    keys = {key for key, _value, _headers in after}
    gone: list[Row] = [(key, None, []) for key in before.keys() - keys]
    differing = sum(_differs(topic, before.get(key), value) for key, value, _headers in after) + len(gone)
    begun: list[Row] = [(_POSITION, None, [])] if _POSITION in keys else []
    return Rebuilt(topic, number, len(keys - {_POSITION}), differing), [*begun, *gone, *after]


def _last(found: Iterable[Message]) -> dict[bytes | None, bytes]:
    last: dict[bytes | None, bytes] = {}
    for message in found:
        if message.value is None:
            last.pop(message.key, None)
        else:
            last[message.key] = message.value
    return last


def _differs(topic: str, before: bytes | None, after: bytes | None) -> bool:
    """Whether a state is another one; positions and the marks of commits are those of one run."""
    if before == after:
        return False
    value = None if after is None else decode(topic, after)
    if isinstance(value, Position | Marker):
        return False
    return before is None or decode(topic, before) != value


def _extractor(settings: Settings, number: int, end: int) -> Partition[Any]:
    return refolded(refolding_extractor(), number, of_extractor(settings, number, end))


def _learner(settings: Settings, number: int, end: int) -> Partition[Any]:
    source = messages(settings, "transitions", number)
    return refolded(build_learner(), number, (each for each in source if each.offset < end))


def _decider(settings: Settings, number: int, end: int) -> Partition[Any]:
    found = (decode("policies", each.value) for each in messages(settings, "policies") if each.value)
    parameters = {each.version: each for each in found if isinstance(each, Parameters)}
    recorded = Recorded(rulings(settings, number))
    inputs = of_decider(settings, number, end)
    partition = refolded(refolding_decider(recorded, parameters), number, inputs, lambda: recorded.versions)
    recorded.close()
    return partition


SERVICES: dict[str, tuple[str, str, Callable[[Settings, int, int], Partition[Any]]]] = {
    "extractor": ("interactions", "threads", _extractor),
    "decider": ("enriched", "leads", _decider),
    "learner": ("transitions", "q-table", _learner),
}
"""Each with its source and its state topic."""
