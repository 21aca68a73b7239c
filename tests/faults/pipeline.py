"""The services as processes of their own, one of them with a fault armed, over a log that is fed meanwhile."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from domain.events import Tick
from infra.invariants.reading import read as picture
from runtime import clients
from runtime.faults import PROOF, VARIABLE
from runtime.settings import Settings
from schemas.codec import encode
from schemas.topics import TICK_KEY
from tests import given
from tests.broker import eventually, read
from tests.integration.runtime.loops import Process, service

SERVICES = ("extractor", "decider", "learner", "projections")
LEADS = 12
PAUSE_SECONDS = 0.1
"""Between two rounds of the load: about 60 records a second, so that every commit has some."""
HEALING_SECONDS = 90.0


class Load:
    """Families that are called and that answer, each event under an id of its own, and ticks that let time pass."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._producer = settings, clients.writer(settings)
        self._count = 0
        self.total = 0  # events that the broker acknowledged

    def round(self) -> None:
        """A few events of every second family, and an hour of time."""
        topic = self._settings.topic("interactions")
        for _one in range(LEADS // 2):
            ordinal, self._count = self._count, self._count + 1
            event = given.recorded(
                given.later(minutes=10 * ordinal), ordinal, lead_id=f"fam-{ordinal % LEADS}"
            )
            self._producer.produce(
                topic, encode("interactions", event), event.lead_id, on_delivery=self._acknowledged
            )
        tick = encode("interactions", Tick(given.later(minutes=10 * self._count)))
        for number in range(self._settings.partitions):
            self._producer.produce(topic, tick, TICK_KEY, number)
        assert self._producer.flush(30) == 0

    def _acknowledged(self, error: object, _message: object) -> None:
        """What the broker did not take, nobody promised to answer."""
        self.total += error is None

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Rounds for as long as the context lasts."""
        over = threading.Event()

        def run() -> None:
            while not over.wait(PAUSE_SECONDS):
                self.round()

        thread = threading.Thread(target=run, name="load")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@contextmanager
def running(settings: Settings, names: Sequence[str], logs: Path) -> Iterator[None]:
    """These services, unharmed."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(service(name, settings, logs / f"{name}.log"))
        yield


@contextmanager
def armed(settings: Settings, name: str, fault: str, logs: Path) -> Iterator[tuple[Process, Path]]:
    """One service with a fault, and the file that proves that it fired."""
    proof = logs / f"{name}-{fault.replace('@', '-').replace('=', '-')}.proof"
    output = logs / f"{name}-{fault}.log"
    with service(name, settings, output, **{VARIABLE: fault, PROOF: str(proof)}) as process:
        yield process, proof


def answered(settings: Settings, total: int) -> None:
    """So many inputs are answered; fails after a while."""
    eventually(lambda: len(read(settings, "decisions")) >= total, f"{total} answers", HEALING_SECONDS)


def healed(settings: Settings, total: int) -> None:
    """Every input is answered, and nothing is left to do."""
    answered(settings, total)
    eventually(lambda: picture(settings).waiting == 0, "no lag", HEALING_SECONDS)
