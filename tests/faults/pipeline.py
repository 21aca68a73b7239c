"""The services as processes of their own, over a log that is fed meanwhile; whoever ends is started again."""

import signal
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from tempfile import mkdtemp

from domain.events import Tick
from domain.vocabulary import Channel, Direction
from runtime import clients
from runtime.faults import PROOF, VARIABLE
from runtime.settings import Settings
from schemas.codec import encode
from schemas.topics import TICK_KEY
from tests import given
from tests.broker import eventually
from tests.faults.watch import Watch
from tests.integration.runtime.loops import Process, service

SERVICES = ("extractor", "decider", "learner", "projections")
LEADS = 12
PAUSE_SECONDS = 0.25
"""Between two rounds of the load: about 30 records a second, so that most commits have some."""
HEALING_SECONDS = 90.0
FIRING_SECONDS = 60.0
"""From the start of a process to its fault: its start, its place in the group, a restore, and some commits."""
AGAIN_SECONDS = 0.3
"""Before a service that has ended is started again."""


class Load:
    """Families that are called or write, each event under an id of its own, and ticks that let time pass.

    What they write waits until it is read with the rest of its conversation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._producer = settings, clients.writer(settings)
        self._count = 0
        self.told: set[str] = set()
        """Ids of the events that the broker acknowledged: what it did not take, nobody promised to answer."""

    def round(self) -> None:
        """A few events of every second family, and an hour of time."""
        topic = self._settings.topic("interactions")
        for _one in range(LEADS // 2):
            ordinal, self._count = self._count, self._count + 1
            at = given.later(minutes=10 * ordinal)
            event = given.recorded(at, ordinal, lead_id=f"fam-{ordinal % LEADS}")
            if ordinal % 5 < 2:
                event = replace(event, channel=Channel.SMS, direction=Direction.INBOUND, buffered=True)
            self._producer.produce(
                topic,
                encode("interactions", event),
                event.lead_id,
                on_delivery=partial(self._delivered, event.event_id),
            )
        tick = encode("interactions", Tick(given.later(minutes=10 * self._count)))
        for number in range(self._settings.partitions):
            self._producer.produce(topic, tick, TICK_KEY, number)
        assert self._producer.flush(30) == 0

    def _delivered(self, told: str, error: object, _message: object) -> None:
        if error is None:
            self.told.add(told)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Rounds for as long as the context lasts."""
        over, failures = threading.Event(), list[BaseException]()

        def run() -> None:
            try:
                while not over.wait(PAUSE_SECONDS):
                    self.round()
            except BaseException as failure:  # noqa: BLE001 - raised again below
                failures.append(failure)

        thread = threading.Thread(target=run, name="load")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if failures:
            raise failures[0]


@dataclass(frozen=True, slots=True)
class Ending:
    """One start of a service that ended by itself: the fault it was armed with, and the exit code."""

    fault: str | None
    code: int


class Kept:
    """One service that is started again whenever it ends, as a supervisor does.

    Its first starts are armed with `faults`, one each; `endings` says how each start ended.
    """

    def __init__(self, settings: Settings, name: str, logs: Path, faults: Sequence[str] = ()) -> None:
        self._settings, self._logs, self._faults = settings, logs, faults
        self.name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)
        self._failures: list[BaseException] = []
        self.endings: list[Ending] = []

    def __enter__(self) -> "Kept":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def fired(self) -> int:
        """How many faults have fired, by their own proof."""
        return sum(self._proof(number).exists() for number in range(len(self._faults)))

    @property
    def is_through(self) -> bool:
        """Whether every fault has fired; raises where one did not in its time."""
        if self._failures:
            raise self._failures[0]
        return self.fired == len(self._faults)

    def unasked(self) -> list[Ending]:
        """Starts that ended though nothing was to end them, or otherwise than by their fault."""
        return [ending for ending in self.endings if ending.fault is None or ending.code != -signal.SIGKILL]

    def _run(self) -> None:
        try:
            for number, fault in enumerate(chain(self._faults, repeat(None))):
                if self._over.wait(AGAIN_SECONDS if number else 0.0):
                    return
                self._once(number, fault)
        except BaseException as failure:  # noqa: BLE001 - raised again by whoever waits
            self._failures.append(failure)

    def _once(self, number: int, fault: str | None) -> None:
        proof, output = self._proof(number), self._logs / f"{self.name}-{number}.log"
        armed = {} if fault is None else {VARIABLE: fault, PROOF: str(proof)}
        deadline = time.monotonic() + FIRING_SECONDS
        with service(self.name, self._settings, output, **armed) as process:
            while process.poll() is None:
                if self._over.wait(0.05):
                    return
                late = fault is not None and time.monotonic() > deadline and not proof.exists()
                assert not late, f"{self.name} did not pass {fault} within {FIRING_SECONDS} s: {output}"
        assert fault is None or proof.exists(), f"{self.name} ended before it passed {fault}: {output}"
        self.endings.append(Ending(fault, process.returncode))

    def _proof(self, number: int) -> Path:
        return self._logs / f"{self.name}-{number}.proof"


@contextmanager
def kept(
    settings: Settings,
    logs: Path,
    faults: Mapping[str, Sequence[str]] | None = None,
    names: Sequence[str] = SERVICES,
) -> Iterator[list[Kept]]:
    """These services, each with its faults; whoever ends is started again."""
    folder = Path(mkdtemp(prefix="kept-", dir=logs))
    with ExitStack() as stack:
        yield [
            stack.enter_context(Kept(settings, name, folder, (faults or {}).get(name, ()))) for name in names
        ]


def through(services: Sequence[Kept], seconds: float = FIRING_SECONDS) -> int:
    """How many faults have fired once all have; fails after a while."""
    eventually(lambda: not [each for each in services if not each.is_through], "every fault fires", seconds)
    return sum(each.fired for each in services)


@contextmanager
def running(settings: Settings, names: Iterable[str], logs: Path) -> Iterator[None]:
    """These services, once and unharmed."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(service(name, settings, logs / f"{name}.log"))
        yield


@contextmanager
def armed(settings: Settings, name: str, fault: str, logs: Path) -> Iterator[tuple[Process, Path]]:
    """One service with a fault, and the file that proves that it fired."""
    stem = f"{name}-{settings.slot}-{fault.replace('@', '-').replace('=', '-')}"
    proof = logs / f"{stem}.proof"
    with service(name, settings, logs / f"{stem}.log", **{VARIABLE: fault, PROOF: str(proof)}) as process:
        yield process, proof


def answered(watch: Watch, load: Load) -> None:
    """Everything that was told until now is answered; fails after a while."""
    told = set(load.told)
    eventually(lambda: watch.has(told), f"{len(told)} answers", HEALING_SECONDS)


def begun(watch: Watch, count: int = 60) -> None:
    """The system works: so many answers are there."""
    eventually(lambda: watch.answered >= count, f"{count} answers", HEALING_SECONDS)
