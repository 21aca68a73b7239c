"""`academy plan`: what is likely to be done for a household over the next steps, asked of the running API."""

from typing import Any
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.table import Table

from infra.cli.asking import ask, unexpected
from infra.cli.explain import UnknownLead
from infra.cli.screen import print_data, screen
from infra.local.settings import LocalSettings

DAY_S = 86_400


def plan_lead(settings: LocalSettings, lead_id: str, *, as_json: bool) -> int:
    """Print the plan; raises NotRunningError, ApiAway and UnknownLead."""
    response = ask(settings, "GET", f"/api/nba/{quote(lead_id, safe='')}/plan")
    if response.status_code == httpx.codes.NOT_FOUND:
        raise UnknownLead("no such lead, or nothing is decided for it yet; `GET /api/leads` lists them")
    if response.status_code != httpx.codes.OK:
        raise unexpected(response)
    if as_json:
        print_data(response.json())
    else:
        print_plan(screen(), response.json())
    return 0


def print_plan(console: Console, plan: dict[str, Any]) -> None:
    """The steps as a table; each is decided anew when its time comes."""
    table = Table("step", "in state", "action", "worth", "visits", "most often leads to", "after")
    for number, step in enumerate(plan["steps"], 1):
        table.add_row(
            str(number),
            step["state"],
            step["action"],
            f"{step['q']:.3f}",
            str(step["visits"]),
            _next(step),
            "" if step["wait_s"] is None else f"{step['wait_s'] / DAY_S:.1f} days",
        )
    console.print(table)
    console.print(
        f"from decision {plan['decision_id']}, table {plan['table_id']} at version {plan['table_version']};"
        " each further step is decided when its time comes",
        highlight=False,
        soft_wrap=True,
    )


def _next(step: dict[str, Any]) -> str:
    if step["leads_to"] is None:
        return "nothing is known of what follows"
    return f"{step['leads_to']} ({step['share']:.0%})"
