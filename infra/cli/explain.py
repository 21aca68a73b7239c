"""`academy explain`: what would be decided for a household if it stood otherwise, asked of the running API."""

from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import typer
from rich.console import Console

from domain.records import Decision
from infra.cli.asking import ask, unexpected
from infra.cli.screen import print_data, screen
from infra.cli.show import print_decision
from infra.local.settings import LocalSettings
from runtime.errors import RuntimeFault


class UnknownLead(RuntimeFault):
    """Nobody told of this household, or nothing was decided for it yet."""


def explain_lead(settings: LocalSettings, lead_id: str, told: Sequence[str], *, as_json: bool) -> int:
    """Print the decision; raises NotRunningError, ApiAway, UnknownLead and typer.BadParameter."""
    found = answer(ask(settings, "POST", "/api/what-if", {"lead_id": lead_id, "set": assumptions(told)}))
    if as_json:
        print_data(found)
    else:
        print_answer(screen(), found)
    return 0


def assumptions(told: Sequence[str]) -> dict[str, str]:
    """`name=value` pairs by name; raises typer.BadParameter for another form, or a name that comes twice."""
    found: dict[str, str] = {}
    for one in told:
        name, sign, value = one.partition("=")
        if not sign:
            raise typer.BadParameter("must be NAME=VALUE, such as status=trial", param_hint="--set")
        if name in found:
            raise typer.BadParameter(f"{name} is set twice; once is enough", param_hint="--set")
        found[name] = value
    return found


def answer(response: httpx.Response) -> dict[str, Any]:
    """The API's answer; raises UnknownLead, typer.BadParameter for what it cannot assume, and ApiAway for the rest."""
    match response.status_code:
        case httpx.codes.OK:
            found: dict[str, Any] = response.json()
            return found
        case httpx.codes.NOT_FOUND:
            raise UnknownLead("no such lead, or nothing is decided for it yet; `GET /api/leads` lists them")
        case httpx.codes.UNPROCESSABLE_ENTITY:
            wrong = (f"{error['field']} {error['message']}" for error in response.json()["errors"])
            raise typer.BadParameter("; ".join(wrong))
        case _:
            raise unexpected(response)


def print_answer(console: Console, found: dict[str, Any]) -> None:
    """What was assumed and what it changes, then the decision as `academy show` prints one."""
    for each in found["assumed"]:
        _line(console, "assumed", f"{each['name']} {each['new'] or '-'}, is {each['old'] or 'not known'}")
    _line(console, "instead of", _present(found))
    print_decision(console, _decision(found))


def _present(found: dict[str, Any]) -> str:
    current = found["current"]
    if current is None:
        return "nothing: no decision was made yet"
    same = ", the same action" if current["action"] == found["action"] else ""
    return f"{current['action']}{same}, decision {current['decision_id']}, which stays in force"


def _decision(found: dict[str, Any]) -> Decision:
    """The record without its texts, which it names by id."""
    brief = found["brief"] and {**found["brief"], "timing": found["brief"]["timing_id"]}
    return msgspec.convert({**found, "brief": brief}, Decision)


def _line(console: Console, name: str, text: str) -> None:
    console.print(f"{name:<10} {text}", markup=False, highlight=False, soft_wrap=True)
