"""The provider of the model is away for two minutes at 50 events a second, over the real loops and a real broker.

Twice: nobody listens at its address; then it takes questions and never answers. The decisions must go on.
"""

import argparse
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra import topics
from infra.configuration import configure
from infra.local import hold
from infra.local.layout import Layout
from infra.local.stack import infrastructure
from runtime import logs
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.bench.system import keep
from tests.provider.experiment import Outage, Result, run

WAYS = {"nobody listens": False, "it never answers": True}


def main() -> None:
    """Both ways; exit 1 where an event was lost or answered twice, or the breaker did not open and close."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the provider is away")
    parser.add_argument("--rate", type=float, default=50.0, help="events a second")
    arguments = parser.parse_args()
    logs.configure("ERROR")
    found: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        layout = Layout.at(Path(folder) / "data")
        with infrastructure(layout, Settings()) as addresses:
            for way, hangs in WAYS.items():
                settings = _fresh(addresses.kafka)
                found[way] = run(settings, Outage(20.0, arguments.seconds, 60.0, arguments.rate, hangs))
        hold.remove_all(layout)
    _print(found)
    keep("outage", {way: asdict(result) for way, result in found.items()})
    raise SystemExit(0 if all(map(_held, found.values())) else 1)


def _fresh(kafka: str) -> Settings:
    settings = Settings(kafka=kafka, topic_prefix=f"o{uuid.uuid4().hex[:6]}-", partitions=4)
    topics.apply(settings, await_kafka(settings))
    configure(settings)
    return settings


def _held(result: Result) -> bool:
    whole = not (result.lost or result.wrong)
    return whole and result.opened is not None and result.closed is not None


def _print(found: dict[str, Result]) -> None:
    table = Table(
        "provider", "phase", "events", "read by it", "by the rules", "decided", "p50 s", "longest s"
    )
    for way, result in found.items():
        for name, phase in result.phases.items():
            reasons: Sequence[str] = [f"{count} {why}" for why, count in sorted(phase.fallbacks.items())]
            counts = (phase.told, phase.read, ", ".join(reasons) or 0, phase.decided)
            table.add_row(way, name, *map(str, counts), f"{phase.p50:.2f}", f"{phase.longest:.2f}")
    console = Console(width=140)
    console.print(table)
    for way, result in found.items():
        kept = f"{result.lost} lost, {len(result.wrong)} twice or out of order, {result.asked} requests"
        opened, closed = _after(result.opened), _after(result.closed)
        console.print(f"{way}: {kept}", highlight=False)
        console.print(
            f"  the breaker opened {opened} it went, and was closed {closed} it was back", highlight=False
        )


def _after(seconds: float | None) -> str:
    return "never, where" if seconds is None else f"{seconds:.1f} s after"


if __name__ == "__main__":
    main()
