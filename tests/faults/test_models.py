"""Experiment 9: the model that the extractor asks times out, refuses, fails for one family, and fails for everybody."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from infra.local.ports import free_ports
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.asking import MODEL
from tests.faults.conftest import Table
from tests.faults.pipeline import SERVICES, Load, answered, begun, running
from tests.faults.watch import Watch
from tests.integration.runtime.loops import environment

HOPELESS = "fam-3"
DEADLINE_SECONDS = 10.0
REFUSING_SECONDS, ONE_SECONDS, ALL_SECONDS = 10.0, 25.0, 120.0


class Model:
    """Answers after a moment; `mood` says how it fails, `failed` how often it did."""

    def __init__(self) -> None:
        self.mood = ""
        self.failed: Counter[str] = Counter()
        self.over = threading.Event()

    def answer(self, lead_id: str) -> int:
        mood = self.mood
        fails = mood in ("refusing", "hanging") or (mood == "one" and lead_id == HOPELESS)
        if not fails:
            self.over.wait(0.05)
            return 200
        self.failed[mood] += 1
        if mood == "refusing":
            return 429
        self.over.wait(2 * DEADLINE_SECONDS)
        return 500

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, for as long as the context lasts."""
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status = model.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_told: object) -> None:
                """Nothing to say."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            self.over.set()
            server.shutdown()
            server.server_close()


@contextmanager
def extractor(settings: Settings, address: str, output: Path) -> Iterator[str]:
    """The asking extractor as a process; gives the address of its metrics."""
    (port,) = free_ports(1)
    own = {"ACADEMY_HEALTH_PORT": str(port), MODEL: address}
    with output.open("wb") as file:
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.asking"),
            env=environment(settings) | own,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"http://127.0.0.1:{port}/metrics"
        assert process.poll() is None, output.read_text()
    finally:
        process.kill()
        process.wait(30)


def outcomes(metrics: str) -> Counter[str]:
    """What became of the questions, from the process's own count."""
    lines = httpx.get(metrics).text.splitlines()
    found = [line for line in lines if line.startswith("academy_asks_total")]
    return Counter({line.split('outcome="')[1].split('"')[0]: int(float(line.split()[-1])) for line in found})


@pytest.mark.timeout(600)
def test_9_the_model_is_away_in_every_way(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    model, load = Model(), Load(system)
    others = [name for name in SERVICES if name != "extractor"]
    with (
        model.served() as address,
        running(system, others, tmp_path),
        extractor(system, address, tmp_path / "extractor.log") as metrics,
    ):
        with load.steady():
            begun(watch)
            for mood, seconds in (("refusing", REFUSING_SECONDS), ("one", ONE_SECONDS)):
                before = watch.answered
                model.mood = mood
                time.sleep(seconds)
                model.mood = ""
                answered(watch, load)
                assert watch.answered > before
                assert model.failed[mood] > 0
            model.mood = "hanging"
            eventually(lambda: outcomes(metrics)["spared"], "the breaker opens", 3 * DEADLINE_SECONDS)
            before, until = watch.answered, time.monotonic() + ALL_SECONDS
            while time.monotonic() < until:
                time.sleep(5.0)
            assert watch.answered > before + 100  # what is not asked is answered from what is known
            asked = outcomes(metrics)
            assert asked["spared"] > asked["late"] > 0
            model.mood = ""
            eventually(lambda: outcomes(metrics)["answered"] > asked["answered"], "it is asked again", 60)
        answered(watch, load)
        table.closes(
            "9 the model refuses, hangs for one, hangs for all", system, watch, sum(model.failed.values())
        )
