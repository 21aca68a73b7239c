"""Decides everything once more from the record topics alone, and compares byte for byte (architecture 2.3, I10).

No key, no model and no database is asked: what was extracted, and which table each decision saw, is on the log.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from decider.order import in_order, moments
from decider.service import build, effect, handle
from domain.decisions import LOGIC_VERSION, PROMOTED, adopted
from domain.events import TickEnriched
from domain.parameters import Parameters
from domain.policies import Learned
from domain.q_learning import NO_VALUES, Values, fold
from domain.records import Decision, Ruling
from domain.snapshots import Snapshot, frozen
from domain.states import Lead
from runtime.errors import RuntimeFault
from runtime.state import Partition
from runtime.transform import Emit, Message, Output, Record, Transform, Wake
from schemas.codec import decode, decode_part, encode
from schemas.topics import TICK_KEY

COMPARED = ("decisions", "transitions")


class Unreplayable(RuntimeFault):
    """The record topics lack what a decision names: its parameters, or its table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that is made otherwise now; one of both is None where nothing was written then, or is made now."""

    topic: str
    partition: int
    offset: int
    lead_id: str
    recorded: Any
    made: Any


@dataclass(slots=True)
class Report:
    """What a replay found: records alike, those that differ, and decisions of other logic versions apart.

    `waiting` counts what has no answer: dead letters, and what is not handled yet.
    """

    alike: Counter[str] = field(default_factory=Counter)
    differing: list[Difference] = field(default_factory=list)
    other_logic: Counter[str] = field(default_factory=Counter)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Records:
    """The four record topics, each in offset order within its partitions."""

    enriched: Sequence[Message]
    decisions: Sequence[Message]
    transitions: Sequence[Message]
    policies: Sequence[Message]

    def of(self, lead_id: str) -> "Records":
        """What one household's decisions rest on; time goes by for all."""
        keys = (lead_id.encode(), TICK_KEY.encode())
        mine = [message for message in self.enriched if message.key in keys]
        decided = [message for message in self.decisions if message.key == lead_id.encode()]
        return Records(mine, decided, self.transitions, self.policies)


def replay(records: Records) -> Report:
    """Every decision and transition of the records, made once more; raises Unreplayable."""
    again = _Replay(records)
    partitions = sorted({message.partition for message in records.enriched})
    for number in partitions:
        again.run(number, (message for message in records.enriched if message.partition == number))
    again.close()
    return again.report


def differences(recorded: Any, made: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two plain values differ: their path, and what each says."""
    if isinstance(recorded, Mapping) and isinstance(made, Mapping):
        for name in recorded.keys() | made.keys():
            yield from differences(recorded.get(name), made.get(name), f"{path}.{name}" if path else name)
    elif isinstance(recorded, list | tuple) and isinstance(made, list | tuple) and len(recorded) == len(made):
        for index, (one, other) in enumerate(zip(recorded, made, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif recorded != made:
        yield path, recorded, made


class _Replay:
    """The decider over each partition, with the tables that each recorded decision saw."""

    def __init__(self, records: Records) -> None:
        self.report = Report()
        self._tables = _Tables(records.transitions)
        policies = [decode("policies", message.value) for message in records.policies if message.value]
        self._parameters = {one.version: one for one in policies if isinstance(one, Parameters)}
        self._snapshots = {one.version: frozen(one) for one in policies if isinstance(one, Snapshot)}
        self._answers: dict[tuple[str, int], tuple[Message, Decision]] = {}
        self._given: dict[int, list[Decision]] = {}
        for message in records.decisions:
            answer: Decision = decode("decisions", message.value or b"")
            self._answers.setdefault((answer.lead_id, answer.sequence), (message, answer))
            self._given.setdefault(message.partition, []).append(answer)
        self._taught = _by_id(records.transitions)
        self._made: set[tuple[str, int]] = set()
        self._waiting: set[str] = set()

    def run(self, number: int, messages: Iterable[Message]) -> None:
        """One partition from its beginning, in the order in which it was answered."""
        partition: Partition[Lead] = Partition(self._transform(), number, dict)
        for message in in_order(messages, moments(self._given.get(number, ())), self._unanswered):
            partition.offsets[message.topic] = message.offset  # a redriven input comes after later ones
            partition.take(message)
            while partition.overdue:
                partition.wake(100)
            emits = list(partition.emits)
            partition.fold()
            for emit in emits:
                self._compare(emit, number)

    def close(self) -> None:
        """Answers that stand on the topic and that nothing leads to."""
        for key, (message, answer) in self._answers.items():
            if key not in self._made:
                place = ("decisions", message.partition, message.offset)
                self.report.differing.append(Difference(*place, answer.lead_id, answer, None))

    def _unanswered(self, _message: Message, _event: Any) -> None:
        self.report.waiting += 1

    def _transform(self) -> Transform[Lead]:
        plain = build(_no_tables)
        return Transform(plain.name, plain.sources, plain.changelog, self._handle, plain.changes, plain.due)

    def _handle(self, state: Lead | None, record: Record | Wake) -> tuple[Lead | None, Iterable[Output]]:
        if isinstance(record, Record) and isinstance(record.value, TickEnriched):
            return state, ()
        found = self._answers.get((record.key, state.sequence if state else 0))
        if found is None or record.key in self._waiting:  # its reader has not come so far yet
            self._waiting.add(record.key)
            self.report.waiting += 1
            return None, ()
        message, recorded = found
        learned = self._learned(recorded)
        after, outputs = handle(lambda: learned, state, record)
        if recorded.logic_version == LOGIC_VERSION:
            return after, outputs
        ruling = decode_part("decisions", message.value or b"", Ruling)
        done = effect(state, record, learned.parameters)
        return (
            after if done is None else adopted(done, ruling)
        ), outputs  # what follows rests on that answer

    def _learned(self, answer: Decision) -> Learned:
        parameters = self._parameters.get(answer.parameters_version)
        if parameters is None:
            raise Unreplayable(
                f"decision {answer.decision_id} rests on parameters {answer.parameters_version}, not on `policies`"
            )
        live = answer.mode != PROMOTED  # a snapshot's values are its own
        values = self._tables.at(parameters.table_id, answer.table_version) if live else NO_VALUES
        return Learned(values, parameters, self._snapshots)

    def _compare(self, emit: Emit, number: int) -> None:
        if emit.topic not in COMPARED:
            return
        made = decode(emit.topic, emit.value or b"")
        if isinstance(made, Decision):
            self._made.add((made.lead_id, made.sequence))
        recorded = self._recorded(made)
        if recorded is None:
            self.report.differing.append(Difference(emit.topic, number, -1, made.lead_id, None, made))
            return
        message, before = recorded
        if isinstance(before, Decision) and before.logic_version != LOGIC_VERSION:
            self.report.other_logic[before.logic_version] += 1
        elif emit.value in (message.value, encode(emit.topic, before)):
            self.report.alike[emit.topic] += 1
        else:
            place = (message.partition, message.offset)
            self.report.differing.append(Difference(emit.topic, *place, made.lead_id, before, made))

    def _recorded(self, made: Any) -> tuple[Message, Any] | None:
        if isinstance(made, Decision):
            return self._answers.get((made.lead_id, made.sequence))
        return self._taught.get(made.transition_id)


class _Tables:
    """The learned values of each table at any version: the fold of its transitions up to it."""

    def __init__(self, transitions: Sequence[Message]) -> None:
        self._events: dict[str, list[tuple[int, Any]]] = {}
        for message in transitions:
            event = decode("transitions", message.value or b"")
            self._events.setdefault(event.table_id, []).append((message.offset, event))
        self._folded: dict[str, tuple[int, Values]] = {}

    def at(self, table: str, version: int | None) -> Values:
        """The table as named; an answer that names no version looks at no value."""
        if version is None:
            return NO_VALUES
        count, values = self._folded.get(table, (0, NO_VALUES))
        if version < values.version:
            count, values = 0, NO_VALUES
        events = self._events.get(table, [])
        while count < len(events) and values.version < version:
            offset, event = events[count]
            values, count = fold(values, event, offset), count + 1
        if values.version != version:
            raise Unreplayable(f"`transitions` has no version {version} of the table {table}")
        self._folded[table] = count, values
        return values


def _by_id(transitions: Sequence[Message]) -> dict[str, tuple[Message, Any]]:
    found = ((message, decode("transitions", message.value or b"")) for message in transitions)
    return {event.transition_id: (message, event) for message, event in found}


def _no_tables() -> Learned:
    raise Unreplayable("a replay gives every decision the tables that it saw")
