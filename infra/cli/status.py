"""`academy status`: what runs on the data folder, where, and how far behind it is."""

from typing import Any

from rich.console import Console
from rich.table import Table

from infra.cli.run import refuse
from infra.local import status
from infra.local.errors import LocalError
from infra.local.layout import Layout
from infra.local.settings import LocalSettings

COLOURS = {"ready": "green", "external": "green", "stopped": "red", "restarting": "red"}


def show(settings: LocalSettings, *, as_json: bool) -> int:
    """Print the status; gives 0, or 1 with a sentence when nothing runs."""
    try:
        facts = status.report(status.read(Layout.at(settings.data_dir)))
    except LocalError as error:
        return refuse(error)
    console = Console()
    if as_json:
        console.print_json(data=facts)
    else:
        _print(console, facts)
    return 0


def _print(console: Console, facts: dict[str, Any]) -> None:
    for name in ("api", "ingest", "kafka", "postgres", "token_file"):
        console.print(f"{name:<12} {facts[name] or '-'}", markup=False, highlight=False, soft_wrap=True)
    table = Table("service", "state", "pid", "port", "lag")
    for row in facts["services"]:
        colour = COLOURS.get(row["state"], "yellow")
        cells = ("-" if row[key] is None else str(row[key]) for key in ("pid", "port", "lag"))
        table.add_row(row["name"], f"[{colour}]{row['state']}[/]", *cells)
    console.print(table)
