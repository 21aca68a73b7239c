"""What every Kafka service's `main` does around its loop: logs, health, checks, signals, and an honest exit."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import structlog
from confluent_kafka import KafkaException

from runtime import heap, logs
from runtime.checks import await_kafka, check
from runtime.errors import RuntimeFault
from runtime.global_table import GlobalTable
from runtime.health import Health, served
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Transform
from schemas.codec import NewerSchema

log = structlog.get_logger()
State = TypeVar("State")


def run(
    build: Callable[[Metrics], Transform[State]],
    settings: Settings,
    tables: Sequence[GlobalTable[Any]] = (),
) -> None:
    """Run one transform until SIGTERM or SIGINT; exits 1 with one sentence where it cannot go on.

    `build` is given the process's metrics, for what a domain counts besides.
    """
    with started(settings) as (stopping, health, metrics):
        processor = Processor(build(metrics), settings, health, metrics, tables)
        heap.settled()
        processor.run(stopping)


@contextmanager
def started(settings: Settings) -> Iterator[tuple[threading.Event, Health, Metrics]]:
    """A service's surroundings: its topics checked, its health served, its faults told in one sentence."""
    logs.configure(settings.log_level)
    stopping, health, metrics = threading.Event(), Health(), Metrics()
    _on_signals(lambda *_: sys.exit(0))  # nothing has begun: a wait for Kafka can simply end
    try:
        check(settings, await_kafka(settings))
        _on_signals(lambda *_: stopping.set())
        with served(health, metrics.registry, settings.health_port):
            yield stopping, health, metrics
    except (RuntimeFault, NewerSchema) as fault:
        log.error("stopped", why=type(fault).__name__, detail=str(fault))
        sys.exit(1)
    except KafkaException as fault:
        log.error("stopped", why=fault.args[0].name(), detail=fault.args[0].str())
        sys.exit(1)


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
