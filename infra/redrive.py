"""Gives dead letters back to their service, or discards them; a second operator ends the first, so none goes twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from confluent_kafka import KafkaException, Producer

from infra.dead import GROUPS, Kept, Letter, letters, named
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import Fenced, NotReady, RuntimeFault
from runtime.letters import DISCARDS, REDRIVE
from runtime.settings import Settings
from runtime.transform import Emit, Headers

BATCH, BYTES = 500, 8_000_000
"""Letters of one transaction, which so stays short: at most so many, and no more once they are so large."""

_ELSEWHERE = {
    "learner": "the learner's values are a fold of the log in one order: "
    "after the mend run `academy state rebuild`, which takes it up where it stands",
    "projections": "the views are made from the log: "
    "after the mend run `academy groups rewind projections --to earliest`, which takes it up where it stands",
}
"""Groups whose letters come back by another way, and why."""


class Refused(RuntimeFault):
    """These letters are not to be moved."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters: those at these places, else all that wait, and of them those that fit."""

    places: tuple[str, ...] = ()
    group: str | None = None
    error: str | None = None
    event: str | None = None

    def fits(self, letter: Letter) -> bool:
        """Whether no filter leaves it out."""
        wanted = ((self.group, letter.group), (self.error, letter.error), (self.event, letter.event))
        return all(want in (None, has) for want, has in wanted)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is moved, in the order in which it was set aside, and what fits and stays, each with the reason."""

    moved: list[Kept]
    left: list[tuple[Letter, str]]


@dataclass(frozen=True, slots=True)
class Act:
    """One way to deal with letters: why one of them is not to be dealt with so, and the record that does it."""

    refusal: Callable[[Letter], str | None]
    record: Callable[[Kept], Emit]


def redrive(settings: Settings, choice: Choice, *, dry_run: bool = False) -> Plan:
    """Write the chosen letters to `<group>.redrive`; raises Refused, NoLetter, Fenced and NotReady."""
    if choice.group in _ELSEWHERE:
        raise Refused(f"letters of {choice.group} are not redriven: {_ELSEWHERE[choice.group]}")
    return _done(settings, choice, Act(not_redrivable, redriving), dry_run=dry_run)


def discard(settings: Settings, choice: Choice, *, dry_run: bool = False) -> Plan:
    """Note on `<group>.dead` that nobody wants the chosen letters; raises the same."""
    return _done(settings, choice, Act(not_discardable, discarding), dry_run=dry_run)


def plan(found: list[Kept], choice: Choice, refusal: Callable[[Letter], str | None]) -> Plan:
    """What a choice comes to; raises NoLetter, and Refused for a letter that was named and cannot be moved."""
    if choice.places:
        wanted = {id(named(found, place)) for place in choice.places}
        candidates = [each for each in found if id(each) in wanted]
    else:
        candidates = [each for each in found if each.letter.state == "waiting"]
    candidates = [each for each in candidates if choice.fits(each.letter)]
    left = [(each.letter, why) for each in candidates if (why := refusal(each.letter)) is not None]
    if choice.places and left:
        letter, why = left[0]
        raise Refused(f"{letter.place}: {why}; nothing was moved")
    return Plan([each for each in candidates if refusal(each.letter) is None], left)


def not_redrivable(letter: Letter) -> str | None:
    """Why a letter cannot be redriven, if it cannot."""
    if letter.state != "waiting":
        return f"it was {letter.state} before"
    if letter.left_out:
        return "its bytes were too large to be kept with it: have its sender tell it again"
    return _ELSEWHERE.get(letter.group)


def not_discardable(letter: Letter) -> str | None:
    """Why a letter cannot be discarded, if it cannot."""
    return None if letter.state == "waiting" else f"it was {letter.state} before"


def redriving(kept: Kept) -> Emit:
    """The letter as it is, to the same partition number, with its place in one more header."""
    letter, record = kept.letter, kept.record
    headers: Headers = [*record.headers, (REDRIVE, letter.place.encode())]
    return Emit(f"{letter.group}.redrive", letter.partition, record.key, record.value, headers)


def discarding(kept: Kept) -> Emit:
    """A note beside the letter."""
    letter = kept.letter
    headers: Headers = [(DISCARDS, letter.place.encode())]
    return Emit(f"{letter.group}.dead", letter.partition, kept.record.key, None, headers)


def _done(settings: Settings, choice: Choice, act: Act, *, dry_run: bool) -> Plan:
    """The letters are read only once the slot is taken: what another operator has begun is over by then."""
    groups = _groups(choice)
    if dry_run:
        return plan(letters(settings, groups), choice, act.refusal)
    try:
        producer = clients.transactional(settings.model_copy(update={"slot": 0}), "redrive")
        producer.init_transactions(CALL_SECONDS)
        found = plan(letters(settings, groups), choice, act.refusal)
        for batch in batches([act.record(each) for each in found.moved]):
            _write(settings, producer, batch)
    except KafkaException as wrong:
        error = wrong.args[0]
        if error.fatal():
            raise Fenced(
                "another operator redrives or discards just now: what this one had not written yet stays as it "
                "was; see `academy dead list`, then do it again"
            ) from wrong
        raise NotReady(
            f"not all was written: {error.str()}; `academy dead list` shows what still waits, do it again for that"
        ) from wrong
    return found


def batches(emits: list[Emit]) -> Iterator[list[Emit]]:
    """The records of each transaction in turn."""
    batch: list[Emit] = []
    size = 0
    for emit in emits:
        batch.append(emit)
        size += len(emit.value or b"")
        if len(batch) == BATCH or size >= BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(settings: Settings, producer: Producer, batch: list[Emit]) -> None:
    producer.begin_transaction()
    try:
        for emit in batch:
            headers: list[tuple[str, str | bytes | None]] = [*emit.headers]
            producer.produce(
                settings.topic(emit.topic), emit.value, emit.key, emit.partition or 0, headers=headers
            )
        producer.commit_transaction(CALL_SECONDS)
    except KafkaException:
        with suppress(KafkaException):  # the first error is the one to tell
            producer.abort_transaction(CALL_SECONDS)
        raise


def _groups(choice: Choice) -> tuple[str, ...]:
    """Those that can have what is chosen; raises Refused for a group that sets nothing aside."""
    if choice.group is not None and choice.group not in GROUPS:
        raise Refused(f"{choice.group} sets nothing aside; those that do are {', '.join(GROUPS)}")
    if choice.places:
        return tuple(
            group for group in GROUPS if any(place.startswith(f"{group}/") for place in choice.places)
        )
    return GROUPS if choice.group is None else (choice.group,)
