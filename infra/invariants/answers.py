"""Every input is answered: none lost (I1), none twice (I2), in order (I3), and never by an older table (I9)."""

from collections import Counter, defaultdict

from domain.events import derived_id
from domain.records import Decision
from domain.vocabulary import Verdict
from infra.invariants.history import Entry, History, Place, Violation, broken
from infra.invariants.inbox import unaccepted
from infra.invariants.talks import causes_of_talks, is_talk, read_twice, unread
from runtime.transform import tick_of

REPEATS = (Verdict.DUPLICATE, Verdict.CONFLICT)
"""Verdicts on an event id that was seen before."""


def no_loss(history: History) -> list[Violation]:
    """I1: what the extractor and the decider have committed is answered or a dead letter, and never both.

    A letter that was redriven and handled counts no more. An input has exactly one enriched record; a second answer
    to one is the business of I2. No message of a conversation waits beyond its time, and what ingest has committed of
    `inbox` is an input or a dead letter.
    """
    talks = causes_of_talks(history)
    enriched = Counter(_about(entry, talks) for entry in history.readable("enriched"))
    answered = {_about(entry, talks): 1 for entry in history.readable("decisions")}
    found = [*unaccepted(history), *unread(history)]
    returned, returning = history.returned(), history.returning()
    for source, target, outputs in (
        ("interactions", "enriched", enriched),
        ("enriched", "decisions", answered),
    ):
        for entry in history.of(source):
            if tick_of(entry.value) or not history.is_settled(entry) or entry.place in returning:
                continue
            written, dead = (
                outputs.get(_about(entry, talks), 0),
                history.dead[entry.place] - returned[entry.place],
            )
            if written + dead != 1:
                what = f"{written} records on {target} and {dead} dead letters; there must be one of them"
                found.append(broken("I1", entry, what))
    return found


def _about(entry: Entry, talks: set[str]) -> tuple[tuple[int, int], str | None]:
    """The input's place, and of a conversation the cause beside it: the record that has it read has its own answer."""
    cause = getattr(entry.value, "cause_event_id", None)
    return entry.origin, cause if cause in talks else None


def no_duplicate(history: History) -> list[Violation]:
    """I2: one answer per lead, cause and role, and per lead and sequence; every id follows from the cause.

    No message is read in two conversations.
    """
    found = list(read_twice(history))
    seen: dict[tuple[str, str, object], Entry] = {}
    for entry in history.readable("decisions"):
        answer = entry.value
        keys = (
            (answer.lead_id, answer.cause_event_id, _role(answer)),
            (answer.lead_id, "sequence", answer.sequence),
            (answer.lead_id, "decision_id", answer.decision_id),
        )
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            what = f"answers {answer.cause_event_id} again: the first answer is at offset {first.offset}"
            found.append(broken("I2", entry, what))
        elif answer.decision_id != _own_id(answer):
            what = f"the id {answer.decision_id} does not follow from cause {answer.cause_event_id}"
            found.append(broken("I2", entry, what))
        seen.update(dict.fromkeys(keys, entry))
    return found


def in_order(history: History) -> list[Violation]:
    """I3: a lead's answers are numbered without a gap and rise with their inputs, which rise by partition.

    Inputs that were redriven are answered late, and in the order in which they were redriven. A conversation is
    answered after the message or tick that had it read, and after the answer to that.
    """
    found = []
    late = _redriven(history)
    enriched = [entry for entry in history.readable("enriched") if not tick_of(entry.value)]
    inputs = {entry.origin for entry in enriched if not is_talk(entry)}
    talks = causes_of_talks(history)
    following: dict[str, int] = defaultdict(int)
    roots: dict[object, int] = defaultdict(lambda: -1)
    for entry in history.first_answers():
        lead, sequence, root = entry.value.lead_id, entry.value.sequence, entry.value.root_offset
        scopes: tuple[object, ...] = (lead, entry.partition) if entry.origin in inputs else (lead,)
        if entry.origin in late:
            topic, partition, root = late[entry.origin]
            scopes = ((topic, partition),)
        if sequence != following[lead]:
            found.append(broken("I3", entry, f"sequence {sequence} where {following[lead]} was to come"))
        elif any(roots[scope] >= root + (entry.value.cause_event_id in talks) for scope in scopes):
            found.append(broken("I3", entry, f"answers input {entry.origin[1]} after a later one"))
        following[lead] = sequence + 1
        roots.update(dict.fromkeys(scopes, root))
    return found


def _redriven(history: History) -> dict[tuple[int, int], Place]:
    """By origin: where an input was last redriven; the decider comes after the extractor."""
    origins = {entry.place: entry.origin for entry in history.of("enriched")}
    last: dict[str, dict[tuple[int, int], Place]] = {"interactions": {}, "enriched": {}}
    for place, source in sorted(history.redriven.items()):
        origin = source[1:] if source[0] == "interactions" else origins.get(source)
        if origin is not None:
            last[source[0]][origin] = place
    return last["interactions"] | last["enriched"]


def never_older(history: History) -> list[Violation]:
    """I9: the version of a table that a lead's decisions rest on never falls."""
    found = []
    versions: dict[tuple[str, str], int] = {}
    for entry in sorted(history.first_answers(), key=lambda entry: entry.value.sequence):
        answer = entry.value
        if answer.table_version is None:
            continue
        known = versions.get((answer.lead_id, answer.table_id), answer.table_version)
        if answer.table_version < known:
            what = f"uses version {answer.table_version} of {answer.table_id} after version {known}"
            found.append(broken("I9", entry, what))
        versions[answer.lead_id, answer.table_id] = answer.table_version
    return found


def _role(answer: Decision) -> str:
    return f"repeat at {answer.root_offset}" if answer.verdict in REPEATS else "answer"


def _own_id(answer: Decision) -> str:
    """The id that follows from the cause; a repeat's from its own event, which has it from the root offset."""
    lead, cause = answer.lead_id, answer.cause_event_id
    if answer.verdict in REPEATS:
        return derived_id(lead, derived_id(lead, cause, "repeated", answer.root_offset), "answer")
    return derived_id(lead, cause, "decision" if answer.verdict is Verdict.DECISION else "answer")
