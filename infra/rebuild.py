"""State topics thrown away and folded anew from the record; nothing is decided or emitted (architecture 2.12)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import KafkaException

from decider.refold import refolding
from domain.parameters import Parameters
from domain.q_learning import Marker
from domain.records import Decision
from extractor.service import build as build_extractor
from infra.inputs import of_decider, of_extractor
from infra.members import refuse_while_running
from infra.offsets import known
from infra.records import messages
from learner.service import build as build_learner
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.rebuild import refolded
from runtime.settings import Settings
from runtime.state import Partition
from runtime.transform import Emit, Message
from schemas.codec import decode
from schemas.position import Position
from schemas.sealed import Key
from schemas.topics import POSITION_KEY

CHUNK = 5_000
"""Records of one transaction."""

_POSITION = POSITION_KEY.encode()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One partition of a state topic: its keys, and how many were otherwise before."""

    topic: str
    partition: int
    keys: int
    differing: int


def rebuild(settings: Settings, *, dry_run: bool = False) -> Iterator[Rebuilt]:
    """Each partition of each state topic in turn; `dry_run` compares and writes nothing.

    Raises StillRunning, NotReady, and Misconfigured where a record topic lacks something.
    """
    admin = clients.admin(settings)
    for service in ("extractor", "decider", "learner"):
        refuse_while_running(admin, settings, service, "rebuild its state")
    for service, (source, changelog, make) in _SERVICES.items():
        ends = {
            number: end
            for (topic, number), end in known(admin, settings, service).items()
            if topic == source and end
        }
        for number, end in sorted(ends.items()):
            partition = make(settings, number, end)
            partition.offsets[source] = end  # the last records may be dead letters, which are not folded
            emits, found = _compared(settings, changelog, partition)
            if not dry_run:
                _write(settings, service, emits)
            yield found


def _extractor(settings: Settings, number: int, end: int) -> Partition[Any]:
    """Which ids were seen needs no key: what was said is not read again."""
    return refolded(build_extractor(_NoKeys()), number, of_extractor(settings, number, end))


def _learner(settings: Settings, number: int, end: int) -> Partition[Any]:
    source = messages(settings, "transitions", number)
    return refolded(build_learner(), number, (each for each in source if each.offset < end))


def _decider(settings: Settings, number: int, end: int) -> Partition[Any]:
    found = (decode("policies", each.value) for each in messages(settings, "policies") if each.value)
    parameters = {each.version: each for each in found if isinstance(each, Parameters)}
    answers: dict[tuple[str, int], Decision] = {}
    versions: dict[str, int] = {}
    for message in messages(settings, "decisions", number):
        answer: Decision = decode("decisions", message.value or b"")
        answers.setdefault((answer.lead_id, answer.sequence), replace(answer, actions=(), brief=None))
        if answer.table_id is not None and answer.table_version is not None:
            versions[answer.table_id] = max(versions.get(answer.table_id, -1), answer.table_version)
    inputs = of_decider(settings, number, end, answers.values())
    return refolded(refolding(answers, parameters), number, inputs, lambda: versions)


class _NoKeys:
    """A keyring that holds nothing."""

    def of(self, subject: str) -> Key:
        """Nobody's."""
        raise NotReady(f"no key is made for {subject} here")

    def held(self, _subject: str) -> Key | None:
        """None."""
        return None

    def by_id(self, _key_id: str) -> Key | None:
        """None."""
        return None

    def reachable(self) -> bool:
        """Never."""
        return False


_Make = Callable[[Settings, int, int], Partition[Any]]
_SERVICES: dict[str, tuple[str, str, _Make]] = {
    "extractor": ("interactions", "threads", _extractor),
    "decider": ("enriched", "leads", _decider),
    "learner": ("transitions", "q-table", _learner),
}
"""Each with its source and its state topic."""


def _compared(settings: Settings, topic: str, partition: Partition[Any]) -> tuple[list[Emit], Rebuilt]:
    """Everything under its key once more, the position last, a tombstone for what is no more; and what differs.

    Where a position is kept it goes first: a state that was half written is refused at the next start.
    """
    after = list(partition.changes())
    before = _last(messages(settings, topic, partition.number))
    keys = {each.key for each in after}
    gone = [_tombstone(topic, partition.number, key) for key in before.keys() - keys]
    differing = sum(_differs(topic, before.get(each.key), each.value) for each in after) + len(gone)
    begun = [_tombstone(topic, partition.number, _POSITION)] if _POSITION in keys else []
    return [*begun, *gone, *after], Rebuilt(topic, partition.number, len(keys - {_POSITION}), differing)


def _tombstone(topic: str, number: int, key: bytes | None) -> Emit:
    return Emit(topic, number, key, None, [])


def _last(found: Iterator[Message]) -> dict[bytes | None, bytes]:
    last: dict[bytes | None, bytes] = {}
    for message in found:
        if message.value is None:
            last.pop(message.key, None)
        else:
            last[message.key] = message.value
    return last


def _differs(topic: str, before: bytes | None, after: bytes | None) -> bool:
    """Whether a state is another one; positions and the marks of commits are those of one run."""
    value = None if after is None else decode(topic, after)
    if isinstance(value, Position | Marker):
        return False
    return before is None or decode(topic, before) != value


def _write(settings: Settings, service: str, emits: list[Emit]) -> None:
    """In transactions of the service's own producer, so that a copy of it which still runs is fenced."""
    producer = clients.transactional(settings, service)
    try:
        producer.init_transactions(CALL_SECONDS)
        for start in range(0, len(emits), CHUNK):
            producer.begin_transaction()
            for emit in emits[start : start + CHUNK]:
                topic = settings.topic(emit.topic)
                producer.produce(topic, emit.value, emit.key, emit.partition or 0)
                producer.poll(0)
            producer.commit_transaction(CALL_SECONDS)
    except KafkaException as failed:
        raise NotReady(
            f"the state of {service} could not be written: {failed.args[0].str()}; do it again"
        ) from failed
