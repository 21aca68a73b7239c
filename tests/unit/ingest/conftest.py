"""Ingest over Kafka and keys in memory, at a fixed moment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from ingest.service import build
from ingest.settings import IngestSettings
from schemas.codec import decode
from tests.unit.ingest.doubles import MemoryDecisions, MemoryKeys, MemoryOutlet
from tests.unit.runtime.asgi import Client, client_of

NOW = datetime(2026, 5, 5, 18, 0, 0, 123_456, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"
BEARER = {"Authorization": f"Bearer {SECRET}"}
OPERATOR = {"Authorization": f"Bearer {SECRET}-of-an-operator"}


@dataclass
class Ingest:
    app: FastAPI
    outlet: MemoryOutlet
    keys: MemoryKeys
    decisions: MemoryDecisions
    client: Client
    headers: dict[str, str] = field(default_factory=lambda: dict(BEARER))

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.client.post(path, json=body, headers={**self.headers, **headers})

    def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.client.ask("PATCH", path, json=body, headers={**self.headers, **headers})

    def operate(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.post(path, body, **{**OPERATOR, **headers})

    def events(self) -> list[Any]:
        return [decode("interactions", value) for _, value, _ in self.outlet.records()]


@pytest.fixture
def settings(tmp_path: Path) -> IngestSettings:
    return IngestSettings(
        data_dir=tmp_path,
        tokens=SecretStr(
            f"crm:{SECRET}:ingest,viewer:{SECRET}-of-a-reader:read,other:{SECRET}-too:ingest,"
            f"front-desk:{SECRET}-of-an-operator:operate,privacy:{SECRET}-of-an-officer:admin"
        ),
        clock_seconds=0,
    )


@pytest.fixture
def ingest(settings: IngestSettings) -> Iterator[Ingest]:
    outlet, keys, decisions = MemoryOutlet(), MemoryKeys(), MemoryDecisions()
    app = build(settings, outlet, keys, decisions, lambda: NOW)
    with client_of(app) as client:
        yield Ingest(app, outlet, keys, decisions, client)


def call(**more: Any) -> dict[str, Any]:
    """A completed inbound call."""
    return {
        "lead_id": "lead-ada",
        "channel": "voice",
        "direction": "inbound",
        "outcome": "completed",
        "occurred_at": "2026-05-05T12:00:00-05:00",
        **more,
    }
