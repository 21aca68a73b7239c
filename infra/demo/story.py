"""The table at the end of a demo: lead, status, state, decision, why; asked of the API like any client."""

import time
from typing import Any

import httpx
from rich.table import Table

from infra.local.status import Status, report

SETTLE_SECONDS = 60.0
QUIET_LOOKS = 5
"""Each service reports once a second: so many looks, half a second apart, span a report of each."""

FOLLOWING = ("extractor", "decider", "learner", "projections")


def settle(status: Status, seconds: float = SETTLE_SECONDS) -> bool:
    """Wait until no service is behind; False where that did not come about in time."""
    deadline, quiet = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        lags = [row["lag"] for row in report(status)["services"] if row["name"] in FOLLOWING]
        quiet = quiet + 1 if lags == [0] * len(FOLLOWING) else 0
        if quiet >= QUIET_LOOKS:
            return True
        time.sleep(0.5)
    return False


def table(api: str, token: str) -> Table:
    """Every lead with its decision in force, and in a few words what spoke for it."""
    shown = Table(
        "lead", "status", "state", "decision", "when", "why", title="What the families' story led to"
    )
    with httpx.Client(base_url=api, headers={"Authorization": f"Bearer {token}"}, timeout=10) as client:
        for lead in client.get("/api/leads", params={"limit": 50}).raise_for_status().json()["items"]:
            current = client.get(f"/api/nba/{lead['lead_id']}/current").raise_for_status().json()
            when = (current.get("contact") or {}).get("local_time") or "-"
            cells = (
                lead["lead_id"],
                lead["status"],
                current["state"],
                current["action"],
                when[:16],
                why(current),
            )
            shown.add_row(*cells)
    return shown


def why(decision: dict[str, Any]) -> str:
    """The rule that forced the action, or the terms of its score and the runner-up."""
    if decision["override"]:
        return f"rule: {decision['override']}"
    open_actions = sorted(
        (action for action in decision["actions"] if action["allowed"]),
        key=lambda action: action["score"],
        reverse=True,
    )
    best, *others = open_actions
    said = f"{best['source']} {best['q']:.2f} + bonus {best['bonus']:.2f}"
    return (
        f"{said}, before {others[0]['action']} {others[0]['score']:.2f}"
        if others
        else f"{said}, alone allowed"
    )
