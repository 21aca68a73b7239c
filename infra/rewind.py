"""Moves a group that remembers nothing to another place of the log; the way back is written down first."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined] # its stubs lack them

from infra.local.layout import write_private
from infra.members import refuse_while_running
from infra.offsets import IN_POSTGRES, Offsets, known, place
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import RuntimeFault
from runtime.settings import Settings

_STATEFUL = (
    "what {name} remembers rests on all that it has handled: read again, inputs would be answered twice, and what is "
    "passed over would be missing from it; `academy state rebuild` folds its state anew"
)
_NOT = {
    "extractor": _STATEFUL,
    "decider": _STATEFUL,
    "learner": _STATEFUL,
    "ingest": "it would take what stands on `inbox` once more and tell each event again; "
    "have the sender tell again what is missing",
}
"""Groups whose positions are not moved, and why."""

_EARLIEST = OffsetSpec.earliest()  # type: ignore[no-untyped-call] # its stubs lack types
_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call] # the same

To = str | datetime | Path
"""`earliest`, `latest`, the first records from a moment on, or the file that an earlier move has written."""


class Unmovable(RuntimeFault):
    """This group is not moved, or not to there."""


@dataclass(frozen=True, slots=True)
class Move:
    """One partition of a topic of the catalogue, and its next offset before and after."""

    topic: str
    partition: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Undo:
    """What stands in the file that takes a move back."""

    group: str
    prefix: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Rewound:
    """What was moved, and the file that takes it back; None where nothing was to be moved or written."""

    moves: tuple[Move, ...]
    undo: Path | None


def rewind(
    settings: Settings, name: str, to: To, topic: str | None = None, *, dry_run: bool = False
) -> Rewound:
    """Move every position of a group, or those of one topic; raises Unmovable, StillRunning, NotReady and Fenced."""
    if name in _NOT:
        raise Unmovable(f"{name} is not rewound: {_NOT[name].format(name=name)}")
    admin = clients.admin(settings)
    if not dry_run:
        refuse_while_running(admin, settings, name, "move its positions")
    before = _chosen(known(admin, settings, name), name, topic)
    if isinstance(to, Path):
        after = _taken_back(_read(to), settings, name, before)
    else:
        after = _found(admin, settings, before, to)
        _refuse_gaps(name, before, after)
    moves = tuple(Move(*at, before[at], after[at]) for at in sorted(after) if after[at] != before[at])
    if dry_run or not moves:
        return Rewound(moves, None)
    undo = _written(settings, Undo(name, settings.topic_prefix, moves))
    moved = {(each.topic, each.partition) for each in moves}
    place(admin, settings, name, before, {at: after[at] for at in moved})
    return Rewound(moves, undo)


def _chosen(found: Offsets, name: str, topic: str | None) -> Offsets:
    topics = sorted({of for of, _number in found})
    if not topics:
        raise Unmovable(f"{name} has handled nothing yet: there is no position to move")
    if topic is not None and topic not in topics:
        raise Unmovable(f"{name} has no position on {topic}; it has some on {', '.join(topics)}")
    return {at: offset for at, offset in found.items() if topic in (None, at[0])}


def _found(
    admin: AdminClient, settings: Settings, places: Iterable[tuple[str, int]], to: str | datetime
) -> Offsets:
    """Where each partition begins, ends, or has its first record from a moment on; its end where it has none."""
    if isinstance(to, datetime):
        moment = OffsetSpec.for_timestamp(int(to.timestamp() * 1000))
        ends = _offsets(admin, settings, places, _LATEST)
        found = _offsets(admin, settings, places, moment)
        return {at: ends[at] if offset < 0 else offset for at, offset in found.items()}
    return _offsets(admin, settings, places, _EARLIEST if to == "earliest" else _LATEST)


def _offsets(
    admin: AdminClient, settings: Settings, places: Iterable[tuple[str, int]], which: OffsetSpec
) -> Offsets:
    """What lies in an open transaction is not passed over."""
    asked = {TopicPartition(settings.topic(topic), number): which for topic, number in places}
    answers = admin.list_offsets(
        asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=CALL_SECONDS
    )
    return {
        (at.topic.removeprefix(settings.topic_prefix), at.partition): future.result(CALL_SECONDS).offset
        for at, future in answers.items()
    }


def _refuse_gaps(name: str, before: Offsets, after: Offsets) -> None:
    """What the views have not seen is never passed over: they are the fold of the whole log."""
    if name != IN_POSTGRES:
        return
    for (topic, number), offset in sorted(after.items()):
        if (missed := offset - before[topic, number]) > 0:
            raise Unmovable(
                f"{topic}/{number}: {missed} records would be missing in the views; name an earlier place"
            )


def _taken_back(undo: Undo, settings: Settings, name: str, before: Offsets) -> Offsets:
    """The positions as they were; of the views only where nothing was applied since, for rows may be older now."""
    if (undo.group, undo.prefix) != (name, settings.topic_prefix):
        raise Unmovable(f"the file is about group {undo.group} under the prefix {undo.prefix!r}")
    mine = [each for each in undo.moves if (each.topic, each.partition) in before]
    for each in mine if name == IN_POSTGRES else ():
        now = before[each.topic, each.partition]
        if now != each.after:
            raise Unmovable(
                f"{each.topic}/{each.partition} has gone on from {each.after} to {now}: rows are older now than at "
                f"{each.before}; let {name} catch up instead"
            )
    return {(each.topic, each.partition): each.before for each in mine}


def _read(file: Path) -> Undo:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Undo)
    except (OSError, msgspec.DecodeError) as wrong:
        raise Unmovable(f"{file} is no file that `academy groups rewind` has written: {wrong}") from wrong


def _written(settings: Settings, undo: Undo) -> Path:
    folder = settings.data_dir / "undo"
    file = folder / f"{undo.prefix}{undo.group}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.json"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(asdict(undo), indent=2) + "\n")
    except OSError as wrong:
        raise Unmovable(
            f"the way back cannot be written ({wrong}): set ACADEMY_DATA_DIR to a folder of yours; nothing was moved"
        ) from wrong
    return file.resolve()
