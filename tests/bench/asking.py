"""A handler that asks outside, against the bound that no order of asking can pass: in flight over latency.

Real messages on a real broker, a state for each key, a commit every 100 ms; the answer takes 300 ms.
"""

import argparse
import asyncio
import json
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.events import InteractionRecorded
from domain.threads import Thread, remember
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import heap, logs
from runtime.asking import ANSWERED
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.settings import Settings
from runtime.transform import Asking, Output, Question, Record, Transform, Wake
from tests.bench.topology import answer, filled

LATENCY_SECONDS = 0.3
IN_FLIGHT = 100
AT_LEAST = 0.95


def handle(state: Thread | None, record: Record | Wake) -> tuple[Thread, tuple[Question]]:
    """The state at once, the output from the reply."""
    assert isinstance(record, Record)
    event: InteractionRecorded = record.value
    root, key = record.offset, record.key

    def finish(_reply: Any) -> tuple[Output]:
        return (Output("enriched", key, answer(event, root)),)

    known = state or Thread()
    return replace(known, recent=remember(known.recent[-64:], event.event_id, event.body_hash)), (
        Question(event.event_id, finish),
    )


class Model:
    """Answers everybody in the same time; knows when it was asked first."""

    def __init__(self) -> None:
        self.began = 0.0

    async def ask(self, request: str) -> str:
        self.began = self.began or time.monotonic()
        await asyncio.sleep(LATENCY_SECONDS)
        return request


class Answered(Metrics):
    """Knows when so many questions are answered and committed."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self._left = wanted
        self.done = threading.Event()

    def asked(self, service: str, outcome: str) -> None:
        super().asked(service, outcome)
        self._left -= outcome == ANSWERED

    def committed(self, service: str, seconds: float, outputs: int) -> None:
        super().committed(service, seconds, outputs)
        if self._left <= 0:
            self.done.set()


def asked(settings: Settings, count: int) -> tuple[float, float]:
    """Records a second from the first question to the last commit, and CPU microseconds of this process a record."""
    model = Model()
    transform: Transform[Thread] = Transform(
        "extractor", ("interactions",), "threads", handle, asking=Asking(model.ask, IN_FLIGHT)
    )
    metrics, stopping = Answered(count), threading.Event()
    thread = threading.Thread(target=Processor(transform, settings, Health(), metrics).run, args=(stopping,))
    heap.settled()  # as a service does before it runs
    cpu = time.process_time()
    thread.start()
    assert metrics.done.wait(120)
    wall, cpu = time.monotonic() - model.began, time.process_time() - cpu
    stopping.set()
    thread.join()
    return count / wall, cpu / count * 1e6


def main() -> None:
    """One run; its share of the bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=6_000)
    count = parser.parse_args().records
    logs.configure("WARNING")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses, filled(addresses.kafka, count) as settings:
            rate, cpu = asked(settings, count)
        hold.remove_all(layout)
    bound = IN_FLIGHT / LATENCY_SECONDS
    verdict = "kept" if rate / bound >= AT_LEAST else "MISSED"
    print(
        f"{rate:,.0f} records/s of {bound:,.0f} that {IN_FLIGHT} in flight allow at {LATENCY_SECONDS * 1000:.0f} ms: "
        f"{rate / bound:.1%}; {cpu:.0f} us CPU a record; at least {AT_LEAST:.0%}: {verdict}"
    )
    target = Path("build/bench/asking.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"rate": rate, "bound": bound, "records": count, "cpu_us": cpu}, indent=2))
    print(f"written to {target}")


if __name__ == "__main__":
    main()
