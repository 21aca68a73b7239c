"""`academy state`: what services remember, folded anew from the log."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

state_app = typer.Typer(
    help="What services remember: derived from the log, and rebuilt from it.", no_args_is_help=True
)


@state_app.command("rebuild")
def rebuild(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fold and compare; write nothing.")] = False,
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Throw the state topics away and fold them anew; nothing is decided or emitted. Refused while services run.

    With --dry-run exit 1 where the state that is there is another one.
    """
    from infra.cli.connect import broker
    from infra.rebuild import rebuild as fold
    from runtime.checks import await_kafka

    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        rows = []
        with screen().status("folding the log", spinner="line") as shown:
            for each in fold(at, dry_run=dry_run):
                rows.append(asdict(each))
                shown.update(f"{each.topic}/{each.partition}: {each.keys} keys")
    if as_json:
        print_data(rows)
    else:
        table = Table("topic", "partition", "keys", "differing before")
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        screen().print(table)
    raise typer.Exit(1 if dry_run and any(row["differing"] for row in rows) else 0)
