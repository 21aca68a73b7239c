"""A provider that goes away for a while under steady load, over the real loops: what becomes of every event."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from domain.vocabulary import Channel, Direction, ExtractionStatus
from extractor.openai_model import Patience, openai_model
from extractor.pricing import price_of
from extractor.provider import Provider
from extractor.reading import Readers
from extractor.service import build
from infra.local.ports import free_ports
from learner.service import build as build_learner
from runtime import clients
from runtime.global_table import GlobalTable, end_offsets
from runtime.messages import END, message_of
from runtime.settings import Settings
from schemas.codec import decode, encode
from schemas.sealed import seal
from tests import given
from tests.broker import eventually
from tests.faults.watch import Watch
from tests.integration.runtime.loops import processing
from tests.keyring import MemoryKeys
from tests.provider import says
from tests.provider.stub import Provider as Stub

FAMILIES = 200
WORDS = "We would love to come on Saturday, is there a class for beginners?"
KEY = "sk-canary-of-the-experiment"
PHASES = ("before", "away", "back")
SOON_SECONDS = 60.0
"""Until everything that was told is decided, on a machine that is busy with other things."""


@dataclass(frozen=True, slots=True)
class Outage:
    """How long the provider is there, away and there again, in seconds, and how many events come in each of them."""

    before: float
    away: float
    back: float
    rate: float
    hangs: bool = False
    latency: float = 0.3
    rest_seconds: float = 30.0
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class Phase:
    """What became of the events that were told in one phase; seconds are those until the decision."""

    told: int = 0
    read: int = 0
    fallbacks: dict[str, int] = field(default_factory=dict)
    decided: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """Median seconds until the decision."""
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def longest(self) -> float:
        """Seconds until the last decision."""
        return max(self.seconds, default=0.0)


@dataclass(slots=True)
class Result:
    """What was seen; `opened` and `closed` are seconds from the provider's going and coming back.

    `wrong` is what a reader saw twice or out of order.
    """

    phases: dict[str, Phase] = field(default_factory=lambda: {name: Phase() for name in PHASES})
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    opened: float | None = None
    closed: float | None = None


def run(settings: Settings, outage: Outage) -> Result:
    """Tell events at a steady rate while the provider goes and comes; the settings' topics must be configured."""
    stub, keys = Stub(latency_seconds=outage.latency), MemoryKeys()
    (port,) = free_ports(1)
    watch = Watch(settings)
    with watch.watching(), _services(settings, outage, keys, f"http://127.0.0.1:{port}/v1"):
        teller = _Teller(settings, keys, outage.rate)
        with teller.telling():
            marks = [_now()]
            for seconds, there in ((outage.before, True), (outage.away, False), (outage.back, True)):
                with ExitStack() as stack:
                    if there or outage.hangs:
                        stub.usually = says.good if there else _hangs
                        stack.enter_context(stub.served(port))
                    time.sleep(seconds)
                marks.append(_now())
        with stub.served(port):  # for what is still asked about
            told = teller.told
            eventually(lambda: watch.has(told), f"{len(told)} answers", SOON_SECONDS)
    return _result(settings, marks, replace(Result(), asked=len(stub.asked), wrong=watch.wrong))


def _hangs(_asked: dict[str, Any]) -> says.Says:
    return says.hanging()


def _now() -> int:
    return int(time.time() * 1000)


@contextmanager
def _services(settings: Settings, outage: Outage, keys: MemoryKeys, address: str) -> Iterator[None]:
    """Extractor, decider and learner, each in a loop of its own."""
    provider = Provider(KEY, address, "gpt-6-luna", price_of("gpt-6-luna"))
    plain = build(keys, Readers(openai_model(provider, outage.patience)))
    assert plain.asking is not None
    asking = replace(plain.asking, rest_seconds=outage.rest_seconds)
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    count = settings.partitions
    decider = build_decider(lambda: learned(values.view, policies.view))
    with (
        processing(settings, build_learner(), partitions=count),
        processing(settings, replace(plain, asking=asking), partitions=count),
        processing(settings, decider, (values, policies), count),
    ):
        yield


class _Teller:
    """Writes a message of some family every so often, each under an id of its own."""

    def __init__(self, settings: Settings, keys: MemoryKeys, rate: float) -> None:
        self._settings, self._keys, self._pause = settings, keys, 1 / rate
        self._producer = clients.writer(settings)
        self.told: set[str] = set()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """For as long as the context lasts; then all is acknowledged."""
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(over,), name="teller")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        assert self._producer.flush(30) == 0

    def _run(self, over: threading.Event) -> None:
        began = time.monotonic()
        while not over.wait(max(0.0, began + len(self.told) * self._pause - time.monotonic())):
            self._tell(len(self.told))

    def _tell(self, ordinal: int) -> None:
        lead = f"fam-{ordinal % FAMILIES}"
        at = given.later(minutes=ordinal)
        plain = given.recorded(at, ordinal, lead_id=lead, channel=Channel.SMS, direction=Direction.INBOUND)
        words = seal(self._keys.of(lead), plain.event_id, "transcript", WORDS)
        event = replace(plain, transcript=words)
        self._producer.produce(self._settings.topic("interactions"), encode("interactions", event), lead)
        self._producer.poll(0)
        self.told.add(event.event_id)


def _result(settings: Settings, marks: list[int], found: Result) -> Result:
    """From the logs alone: every event told, read and decided, with the moment of each."""
    told = {event.event_id: at for event, at in _written(settings, "interactions")}
    decided_at = {decision.cause_event_id: at for decision, at in _written(settings, "decisions")}
    for event_id, at in told.items():
        phase = found.phases[_phase(at, marks)]
        phase.told += 1
        if event_id in decided_at:
            phase.decided += 1
            phase.seconds.append((decided_at[event_id] - at) / 1000)
    for enriched, at in _written(settings, "enriched"):
        _read(found, enriched, at, _phase(told[enriched.cause_event_id], marks), marks)
    found.lost = sum(event_id not in decided_at for event_id in told)
    return found


def _read(found: Result, enriched: Any, at: int, name: str, marks: list[int]) -> None:
    phase = found.phases[name]
    if enriched.extraction.status is ExtractionStatus.OK:
        phase.read += 1
        if name == "back" and found.closed is None:
            found.closed = (at - marks[2]) / 1000
        return
    failure = enriched.asked.failure.value
    phase.fallbacks[failure] = phase.fallbacks.get(failure, 0) + 1
    if failure == "no_reply" and found.opened is None:
        found.opened = (at - marks[1]) / 1000


def _phase(at: int, marks: list[int]) -> str:
    return PHASES[min(sum(at >= mark for mark in marks[1:]), 2)]


def _written(settings: Settings, topic: str) -> Iterator[tuple[Any, int]]:
    """Every committed event of a topic with the moment of its writing, milliseconds of the epoch."""
    name = settings.topic(topic)
    ends = {number: end for number, end in end_offsets(settings, name).items() if end}
    reader = clients.reader(settings)
    reader.assign([TopicPartition(name, number, OFFSET_BEGINNING) for number in ends])
    while ends:
        message: Any = reader.poll(1.0)
        if message is None:
            continue
        if message.error() is None:
            yield decode(topic, message_of(message, topic).value or b""), message.timestamp()[1]
        elif message.error().code() == END and message.offset() >= ends.get(message.partition(), 1 << 62):
            del ends[message.partition()]
    reader.close()
