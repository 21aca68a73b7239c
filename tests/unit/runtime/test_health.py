"""Liveness from the loop's word, readiness as it says, over HTTP."""

import httpx
import pytest

from runtime.health import Health, served
from runtime.metrics import Metrics
from tests.unit.runtime.now import Now


def test_a_loop_that_says_nothing_is_not_alive() -> None:
    now = Now()
    health = Health(silence_s=10, clock=now)
    health.report(ready=True)
    seen = []
    for seconds in (10, 0.1):
        now.seconds += seconds
        seen.append((health.alive, health.readiness.ready, health.readiness.detail))
    health.beat()
    seen.append((health.alive, health.readiness.ready, health.readiness.detail))
    assert seen == [(True, True, ""), (False, False, "the loop hangs"), (True, True, "")]


def test_a_process_starts_alive_and_not_ready() -> None:
    health = Health()
    assert health.alive
    assert not health.readiness.ready


def test_it_is_served_on_loopback() -> None:
    now, metrics = Now(), Metrics()
    health = Health(silence_s=10, clock=now)
    metrics.handled("decider", rejected=True, reason="undecodable")
    with (
        served(health, metrics.registry) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        starting = client.get("/readyz")
        assert (starting.status_code, starting.json()["detail"]) == (503, "starting")
        health.report(ready=True, lag=3, detail="2 partitions")
        ready = client.get("/readyz/")
        assert ready.status_code == 200
        assert ready.json() == {"ready": True, "lag": 3, "detail": "2 partitions"}
        assert client.get("/healthz").json() == {"alive": True}
        text = client.get("/metrics").text
        assert 'academy_dead_letters_total{reason="undecodable",service="decider"} 1.0' in text
        assert client.get("/other").status_code == 404
        now.seconds += 11
        assert client.get("/healthz").status_code == 503
        assert client.get("/readyz").status_code == 503
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")
