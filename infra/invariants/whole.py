"""All of an input's outputs are visible, or none (I7)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from domain.actions import STOP
from domain.q_learning import LATE
from domain.records import Decision
from domain.vocabulary import Status, Verdict
from infra.invariants.answers import REPEATS
from infra.invariants.history import Entry, History, Violation, broken
from infra.invariants.talks import is_talk


def whole(history: History) -> list[Violation]:
    """I7: no output without its input, and an answer's transitions are there exactly if it closed a decision."""
    return [*_without_input(history), *_transitions_without_answer(history), *_half_answered(history)]


def _without_input(history: History) -> Iterator[Violation]:
    for topic, cause, sources in (
        ("enriched", "event_id", "interactions"),
        ("decisions", "cause_event_id", "enriched"),
    ):
        causes: dict[tuple[int, int], set[str | None]] = defaultdict(set)
        for entry in history.of(sources):
            causes[entry.origin].add(getattr(entry.value, cause, None))
        told = {(entry.origin, getattr(entry.value, "event_id", None)) for entry in history.of(sources)}
        for entry in history.of(topic):
            origin = entry.origin
            if entry.value is None and topic == "decisions":
                yield broken("I7", entry, "not a decision")
            elif entry.value is not None and origin not in causes:
                yield broken("I7", entry, f"no record on {sources} has its root offset {origin[1]}")
            elif is_talk(entry):
                yield from _parts_without_input(entry, told)
            elif entry.value is not None and not _follows(entry.value, causes[origin], topic):
                known = ", ".join(map(str, sorted(causes[origin], key=str)))
                yield broken("I7", entry, f"its cause is not that of input {origin[1]}, {known}")


def _parts_without_input(talk: Entry, told: set[tuple[tuple[int, int], str | None]]) -> Iterator[Violation]:
    for part in talk.value.parts:
        if ((talk.partition, part.root_offset), part.event_id) not in told:
            yield broken("I7", talk, f"reads message {part.event_id}, which is not at {part.root_offset}")


def _follows(value: Any, causes: set[str | None], topic: str) -> bool:
    """Whether an output names its input's cause; an answer on a tick is a wake's, which has a cause of its own."""
    named = getattr(value, "cause_event_id", None)
    return named in causes or (topic == "decisions" and None in causes)


def _transitions_without_answer(history: History) -> Iterator[Violation]:
    answers = {_cause(entry.value) for entry in history.readable("decisions") if not _repeats(entry.value)}
    decisions = {None, *(entry.value.decision_id for entry in history.readable("decisions"))}
    for entry in history.transitions():
        if _cause(entry.value) not in answers:
            yield broken("I7", entry, f"no answer has its cause {entry.value.cause_event_id}")
        elif entry.value.decision_id not in decisions:
            yield broken("I7", entry, f"its decision {entry.value.decision_id} was never written")


def _half_answered(history: History) -> Iterator[Violation]:
    taught: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    credited_late: set[tuple[str, str]] = set()
    for entry in history.transitions():
        if entry.value.kind != LATE:  # it adds to a decision that is over, and closes nothing
            taught[_cause(entry.value)].append(entry.value.decision_id)
        elif entry.value.hops:  # the moved status is told there
            credited_late.add(_cause(entry.value))
    decisions = {entry.value.decision_id: entry.value for entry in history.readable("decisions")}
    before: dict[str, Status] = {}
    for entry in history.first_answers():
        answer = entry.value
        if history.is_settled(entry) and not _repeats(answer):
            closed = _closed(answer, decisions.get(answer.supersedes or ""), before.get(answer.lead_id))
            written = taught[_cause(answer)]
            if closed == [None] and _cause(answer) in credited_late:
                closed = []
            if Counter(closed) != Counter(written):
                yield broken("I7", entry, f"closes {closed}, its transitions close {written}")
        before[answer.lead_id] = answer.status


def _closed(answer: Decision, superseded: Decision | None, before: Status | None) -> list[str | None]:
    """The decisions that an answer's transitions close; None for a moved status that no decision taught."""
    if answer.verdict is not Verdict.DECISION:
        return []
    closed: list[str | None] = []
    if superseded is not None and superseded.override is None and superseded.action != STOP:
        closed = [superseded.decision_id]
    elif answer.status is not (before or Status.NEW):
        closed = [None]
    stops = answer.action == STOP and answer.override is None
    return [*closed, answer.decision_id] if stops else closed


def _cause(value: Any) -> tuple[str, str]:
    return value.lead_id, value.cause_event_id


def _repeats(answer: Decision) -> bool:
    return answer.verdict in REPEATS
