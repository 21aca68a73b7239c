"""The record topics as values, and what the checkers ask of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.replay import Records
from domain.records import Transition

READERS = {"inbox": "ingest", "interactions": "extractor", "enriched": "decider", "transitions": "learner"}
"""The group that answers each source."""

RETURNS = {f"{group}.redrive": group for group in ("ingest", "extractor", "decider")}
"""The group that takes what is redriven on each."""

Place = tuple[str, int, int]
"""Topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed record; `value` is None for a tombstone and for bytes that are no event of the topic."""

    topic: str
    partition: int
    offset: int
    key: str
    value: Any

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.topic, self.partition, self.offset

    @property
    def origin(self) -> tuple[int, int]:
        """Partition and offset of the input on `interactions`; the offset is -1 where nothing names it."""
        root = self.offset if self.topic == "interactions" else getattr(self.value, "root_offset", -1)
        return self.partition, root


@dataclass(frozen=True, slots=True)
class Violation:
    """One record that breaks an invariant, and how."""

    invariant: str
    topic: str
    partition: int
    offset: int
    key: str
    what: str


def broken(invariant: str, entry: Entry, what: str) -> Violation:
    """A violation at an entry."""
    return Violation(invariant, *entry.place, entry.key, what)


@dataclass(frozen=True, slots=True)
class Open:
    """A partition of whose records only those before `stable` are committed, for a transaction is open on it."""

    topic: str
    partition: int
    stable: int
    end: int


Row = dict[str, Any]
Rows = dict[tuple[str, tuple[Any, ...]], Row]
"""Rows of the views by table and primary key."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The rows that the views hold, and those to which the log folds up to the views' own positions.

    `later` has the columns that a record beyond a position sets from a compacted topic: what they were at the
    position the log may have forgotten. `waiting` counts the records beyond the positions. `forgotten` is, by topic and
    partition of dead letters, the first offset that the log still has; `strays` are rows of search without a record.
    """

    held: Rows
    folded: Rows
    later: Mapping[tuple[str, tuple[Any, ...]], set[str]] = field(default_factory=dict)
    waiting: int = 0
    forgotten: Mapping[tuple[str, int], int] = field(default_factory=dict)
    strays: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Entries by topic, in offset order by partition.

    `settled` is, by topic and partition, the offset below which everything that follows from a record is here;
    `dead` counts the dead letters of each place; `redriven` says of each record on a redrive topic where it stood.
    `projection`, `records` and `open` are what I6, I10 and I8 look at; a text says why there is none.
    """

    entries: dict[str, list[Entry]]
    settled: dict[tuple[str, int], int]
    dead: Counter[Place] = field(default_factory=Counter)
    redriven: dict[Place, Place] = field(default_factory=dict)
    projection: Projection | str = "no view was looked at"
    records: Records | str = "the records were not kept"
    open: tuple[Open, ...] | str = "the broker was not asked for open transactions"

    def of(self, topic: str) -> list[Entry]:
        """A topic's entries."""
        return self.entries.get(topic, [])

    def readable(self, topic: str) -> Iterator[Entry]:
        """A topic's events."""
        return (entry for entry in self.of(topic) if entry.value is not None)

    def transitions(self) -> Iterator[Entry]:
        """What decisions led to, without the creations of tables."""
        return (entry for entry in self.of("transitions") if isinstance(entry.value, Transition))

    def first_answers(self) -> Iterator[Entry]:
        """Decisions in the log's order; one that repeats a lead's sequence is left out, for I2 reports it."""
        seen: set[tuple[str, int]] = set()
        for entry in self.readable("decisions"):
            key = entry.value.lead_id, entry.value.sequence
            if key not in seen:
                seen.add(key)
                yield entry

    def is_settled(self, entry: Entry) -> bool:
        """Whether what follows from the entry must be here; else it is not due yet."""
        return self._is_settled(entry.place)

    def _is_settled(self, place: Place) -> bool:
        topic, partition, offset = place
        return offset < self.settled.get((topic, partition), 0)

    def returned(self) -> Counter[Place]:
        """How often the input at each place was redriven and then handled."""
        return Counter(source for place, source in self.redriven.items() if self._is_settled(place))

    def returning(self) -> set[Place]:
        """Inputs that were redriven, and not handled since: what follows from them is not due yet."""
        return {source for place, source in self.redriven.items() if not self._is_settled(place)}

    @property
    def waiting(self) -> int:
        """Records that their reader has not committed yet."""
        own = sum(not self.is_settled(entry) for topic in READERS for entry in self.of(topic))
        return own + sum(not self._is_settled(place) for place in self.redriven)
