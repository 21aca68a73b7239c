"""The audit trail: a record of each reading of sealed text, handed to Kafka's client before the answer leaves.

The client keeps it until the broker has it: a broker that is away delays records, and stops readings once it is full.
"""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Protocol

import structlog
import uuid_utils

from domain.audit import SealedRead
from runtime.clients import patient_writer
from runtime.errors import NotReady
from runtime.metrics import Metrics
from runtime.outlet import Headers, Outlet, Unacknowledged, Written
from runtime.settings import Settings
from schemas.codec import encode, headers

TOPIC = "audit"
log = structlog.get_logger()


class Sink(Protocol):
    """What takes records without waiting for them; `Outlet` is the one over a broker."""

    def write(self, topic: str, key: str, value: bytes, headers: Headers) -> "Future[Written]":
        """Begin to write; raises Unacknowledged where too many wait already."""

    def close(self) -> None:
        """Wait for what is on its way, within bounds."""


def patient(settings: Settings) -> Outlet:
    """A sink whose records wait for their broker as long as the process lives; opens while Kafka is away, too."""
    return Outlet(settings, patient_writer)


def wall() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Trail:
    """Records of readings into one sink; used on one event loop."""

    def __init__(
        self, sink: Sink, topic: str, metrics: Metrics, clock: Callable[[], datetime] = wall
    ) -> None:
        self._sink, self._topic, self._metrics, self._clock = sink, topic, metrics, clock
        self._lost = 0

    def read(self, actor: str, route: str, request_id: str, lead_id: str) -> None:
        """A request opened words of a household; raises NotReady where no record of it can be kept."""
        now = self._clock()
        event = SealedRead(str(uuid_utils.uuid7()), lead_id, now, actor, route, request_id)
        try:
            written = self._sink.write(self._topic, lead_id, encode(TOPIC, event), headers(TOPIC, event))
        except Unacknowledged:
            self._metrics.audited("refused")
            raise NotReady(
                "Kafka is away, and no more readings can be remembered for it: nothing is shown until it is back."
            ) from None
        written.add_done_callback(self._settled)

    def close(self) -> None:
        """Wait for what is on its way; what the broker never took is counted and told in the log."""
        self._sink.close()
        if self._lost:
            log.error("audit records were lost", count=self._lost)

    def _settled(self, written: "Future[Written]") -> None:
        """Called by the thread of the sink."""
        wrong = written.exception()
        self._metrics.audited("lost" if wrong else "written")
        if wrong:
            self._lost += 1
            if self._lost == 1:  # thousands of others are like it
                log.error("an audit record was lost", why=str(wrong))
