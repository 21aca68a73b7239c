"""The topology on our `Processor`; arguments: bootstrap servers, topic prefix, partitions."""

import signal
import sys
import threading

from runtime import logs
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake
from tests.bench.peers import catalogue
from tests.bench.peers.events import Kept, answered, kept

NEW = Kept()


def handle(state: Kept | None, record: Record | Wake) -> tuple[Kept, tuple[Output]]:
    """One state and one output a record."""
    assert isinstance(record, Record)
    after = kept(state or NEW, record.value)
    return after, (Output("answered", record.key, answered(after, record.value, record.offset)),)


def main(kafka: str, prefix: str, partitions: str) -> None:
    """Run until SIGTERM."""
    logs.configure("WARNING")
    catalogue.add()
    settings = Settings(kafka=kafka, topic_prefix=prefix, partitions=int(partitions))
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    transform: Transform[Kept] = Transform("ours", ("told",), "kept", handle)
    Processor(transform, settings, Health(), Metrics()).run(stopping)


if __name__ == "__main__":
    main(*sys.argv[1:])
