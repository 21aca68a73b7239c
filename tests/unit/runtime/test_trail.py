"""The audit trail: one record a household and request, and what happens while nobody takes them."""

from datetime import UTC, datetime

import pytest

from runtime.errors import NotReady
from runtime.metrics import Metrics
from runtime.trail import Trail
from tests.trail import MemorySink

NOW = datetime(2026, 9, 2, 14, 5, tzinfo=UTC)


def counted(metrics: Metrics, end: str) -> float | None:
    return metrics.registry.get_sample_value("academy_audit_total", {"end": end})


def trail(sink: MemorySink) -> tuple[Trail, Metrics]:
    metrics = Metrics()
    return Trail(sink, "demo-audit", metrics, lambda: NOW), metrics


def test_a_reading_is_written_under_its_household() -> None:
    sink = MemorySink()
    made, metrics = trail(sink)
    made.read("desk", "get_lead", "request-1", "fam-1")

    ((topic, key, _, headers),) = sink.records
    (read,) = sink.reads()
    assert (topic, key, read.lead_id, read.recorded_at) == ("demo-audit", "fam-1", "fam-1", NOW)
    assert (read.actor, read.route, read.request_id) == ("desk", "get_lead", "request-1")
    assert dict(headers)["event-id"] == read.event_id.encode()
    assert counted(metrics, "written") == 1


def test_while_the_broker_is_away_records_wait_until_there_is_no_more_room() -> None:
    sink = MemorySink()
    sink.away = True
    made, metrics = trail(sink)
    made.read("desk", "get_lead", "request-1", "fam-1")
    assert counted(metrics, "written") is None

    sink.full = True
    with pytest.raises(NotReady, match="nothing is shown"):
        made.read("desk", "get_lead", "request-2", "fam-1")
    assert counted(metrics, "refused") == 1


def test_what_the_broker_never_took_is_counted_at_the_end() -> None:
    sink = MemorySink()
    sink.away = True
    made, metrics = trail(sink)
    for number in range(3):
        made.read("desk", "get_lead", "request-1", f"fam-{number}")
    made.close()

    assert sink.closed
    assert counted(metrics, "lost") == 3
