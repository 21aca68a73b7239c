"""The audit trail over a real client and broker: records wait while it is away, up to a bound, and arrive after it."""

import pytest

from infra.local.ports import free_ports
from runtime.clients import WAITING
from runtime.errors import NotReady
from runtime.metrics import Metrics
from runtime.settings import Settings
from runtime.trail import Trail, patient
from schemas.codec import decode
from tests.broker import eventually, read
from tests.integration.projections.api.test_away import relay


def counted(metrics: Metrics, end: str) -> float:
    return metrics.registry.get_sample_value("academy_audit_total", {"end": end}) or 0.0


def through(settings: Settings, port: int) -> Settings:
    """The same broker, first met at this port."""
    return settings.model_copy(update={"kafka": f"127.0.0.1:{port}"})


def test_records_wait_for_a_broker_that_is_away(settings: Settings) -> None:
    (port,) = free_ports(1)
    host, _, real = (settings.kafka or "").rpartition(":")
    outlet, metrics = patient(through(settings, port)), Metrics()
    trail = Trail(outlet, settings.topic("audit"), metrics)
    for number in range(20):
        trail.read("front-desk", "get_lead", f"request-{number}", f"fam-{number % 3}")
    assert read(settings, "audit") == []

    with relay(port, (host, int(real))):
        eventually(lambda: counted(metrics, "written") == 20, "all records are with the broker")
    trail.close()

    found = [(message.key, decode("audit", message.value or b"")) for message in read(settings, "audit")]
    assert {event.request_id for _, event in found} == {f"request-{number}" for number in range(20)}
    assert all(key == event.lead_id.encode() for key, event in found)
    assert counted(metrics, "lost") == 0


def test_beyond_the_bound_nothing_is_read_and_at_the_end_the_rest_is_counted(settings: Settings) -> None:
    (port,) = free_ports(1)
    outlet, metrics = patient(through(settings, port)), Metrics()
    trail = Trail(outlet, settings.topic("audit"), metrics)
    for _ in range(WAITING):
        trail.read("front-desk", "get_lead", "request-1", "fam-1")
    with pytest.raises(NotReady, match="nothing is shown"):
        trail.read("front-desk", "get_lead", "request-1", "fam-1")

    assert counted(metrics, "refused") == 1
    outlet.close(0.1)
    assert counted(metrics, "lost") == WAITING
