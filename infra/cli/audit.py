"""`academy audit`: who read and did what with whom, from the log."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]
OfLead = Annotated[str | None, typer.Option("--lead", help="Only what concerns this household.")]
OfToken = Annotated[
    str | None,
    typer.Option("--token", help="Only what this caller did, by the token's name, or jwt:SUBJECT."),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only from then on, in UTC; absent: everything."
    ),
]


def audit(
    lead: OfLead = None,
    token: OfToken = None,
    since: Since = None,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Print who read whose words and which acts were told, the newest last."""
    from infra.audit import Asked, entries
    from infra.cli.connect import broker
    from runtime.checks import await_kafka

    asked = Asked(lead, token, None if since is None else since.replace(tzinfo=UTC))
    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        found = entries(at, asked)
    if as_json:
        print_data([{**asdict(each), "at": each.at.isoformat()} for each in found])
    elif found:
        table = Table("when (UTC)", "who", "household", "what", "request or event")
        for each in found:
            table.add_row(f"{each.at:%Y-%m-%d %H:%M:%S}", each.actor, each.lead_id, each.what, each.id)
        screen().print(table)
    else:
        screen().print("nobody has read or done anything of that kind; readings are kept for 400 days")
