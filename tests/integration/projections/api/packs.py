"""Reads a context route as a client would."""

from typing import Any

from tests.integration.projections.api.family import LEAD
from tests.unit.projections.api.client import Client

OUTBOUND = ("/prepare-outbound-call", "/prepare-outbound-sms")
ROUTES = ("", *OUTBOUND, "/prepare-inbound-call")


def get(reader: Client, route: str = "", lead_id: str = LEAD, status: int = 200) -> Any:
    """The body of `/api/context/{lead_id}{route}`; fails on any other status."""
    answer = reader.get(f"/api/context/{lead_id}{route}")
    assert answer.status_code == status, answer.text
    return answer.json()
