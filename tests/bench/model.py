"""The extractor with a provider that takes 300 ms, against the bound that no order of asking can pass.

Real conversations on a real broker, the provider's own client, grounding and sealing; the provider is a process of
its own on loopback. `tests/bench/asking.py` measures the loop alone.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from domain.vocabulary import Outcome
from extractor.openai_model import openai_model
from extractor.port import request
from extractor.pricing import price_of
from extractor.provider import Provider
from extractor.reading import Readers, worth_asking
from extractor.service import build
from infra import topics
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import clients, heap, logs
from runtime.checks import await_kafka
from runtime.health import Health
from runtime.processor import Processor
from runtime.settings import Settings
from schemas.codec import encode
from schemas.sealed import seal
from tests import given
from tests.bench.asking import AT_LEAST, IN_FLIGHT, LATENCY_SECONDS, Answered
from tests.bench.system import keep
from tests.extraction.golden import Golden, golden
from tests.keyring import MemoryKeys

FAMILIES = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """Questions a second, of the bound, and CPU of this process for one."""

    rate: float
    bound: float
    records: int
    cpu_us: float
    words: float


def main() -> None:
    """One run; exit 1 where the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=6_000)
    count = parser.parse_args().records
    logs.configure("WARNING")
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder, provider() as address:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            found = measured(addresses.kafka, address, count)
        hold.remove_all(layout)
    share = found.rate / found.bound
    verdict = "kept" if share >= AT_LEAST else "MISSED"
    print(
        f"{found.rate:,.0f} conversations/s of {found.bound:,.0f} that {IN_FLIGHT} in flight allow at "
        f"{LATENCY_SECONDS * 1000:.0f} ms: {share:.1%}; {found.cpu_us:.0f} us CPU each, {found.words:.0f} words on "
        f"average; at least {AT_LEAST:.0%}: {verdict}"
    )
    keep("model", {name: getattr(found, name) for name in Figures.__slots__})
    raise SystemExit(0 if share >= AT_LEAST else 1)


@contextmanager
def provider() -> Iterator[str]:
    """The address of one that answers after the latency."""
    command = (sys.executable, "-m", "tests.provider", "--latency", str(LATENCY_SECONDS))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def measured(kafka: str, address: str, count: int) -> Figures:
    """From the first question to the last commit."""
    settings = Settings(kafka=kafka, topic_prefix=f"m{uuid.uuid4().hex[:6]}-", partitions=4)
    topics.apply(settings, await_kafka(settings))
    keys = MemoryKeys()
    words = _fill(settings, keys, count)
    model = openai_model(Provider("a-key", address, "gpt-6-luna", price_of("gpt-6-luna")))
    began: list[float] = []

    async def ask(asked: Any) -> Any:
        began.append(time.monotonic()) if not began else None
        return await model.ask(asked)

    transform = build(keys, Readers(replace(model, ask=ask)))
    metrics, stopping = Answered(count), threading.Event()
    thread = threading.Thread(target=Processor(transform, settings, Health(), metrics).run, args=(stopping,))
    heap.settled()  # as a service does before it runs
    cpu = time.process_time()
    thread.start()
    assert metrics.done.wait(300)
    wall, cpu = time.monotonic() - began[0], time.process_time() - cpu
    stopping.set()
    thread.join()
    return Figures(count / wall, IN_FLIGHT / LATENCY_SECONDS, count, cpu / count * 1e6, words)


def _fill(settings: Settings, keys: MemoryKeys, count: int) -> float:
    """The golden conversations over and over, each sealed for its family; gives their words on average."""
    readers = Readers()
    told = [one for one in golden("open") if _asked(one, readers)]
    producer, words = clients.writer(settings), 0
    for ordinal, one in enumerate(islice(cycle(told), count)):
        lead = f"fam-{ordinal % FAMILIES}"
        plain = given.recorded(
            given.later(seconds=ordinal), ordinal, lead_id=lead, channel=one.channel, direction=one.direction
        )
        sealed = seal(keys.of(lead), plain.event_id, "transcript", one.text)
        event = replace(plain, transcript=sealed)
        producer.produce(settings.topic("interactions"), encode("interactions", event), lead)
        producer.poll(0)
        words += len(one.text.split())
    assert producer.flush(60) == 0
    return words / count


def _asked(one: Golden, readers: Readers) -> bool:
    made = request(one.text, one.channel, one.direction)
    return worth_asking(made, Outcome.COMPLETED) and readers.barred(made) is None


if __name__ == "__main__":
    main()
