"""`academy views`: the views in Postgres, and one of them made anew from the log while reads go on."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

views_app = typer.Typer(
    help="The views in Postgres: all of them can be made again from the log.", no_args_is_help=True
)

Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]


@views_app.command("list")
def list_views(as_json: AsJson = False, prefix: Prefix = None) -> None:
    """Print each view, the topics that it is made from, and how large it is."""
    from infra.cli.connect import broker
    from infra.view_sizes import sizes

    with told(), broker(LocalSettings(), prefix) as at:
        found = sizes(at)
    if as_json:
        print_data([asdict(each) for each in found])
        return
    table = Table("view", "from", "rows, about", "MB")
    for each in found:
        table.add_row(each.view, _topics(each.topics), f"{each.rows:,}", f"{each.bytes / 1e6:,.1f}")
    screen().print(table)


@views_app.command("rebuild")
def rebuild_view(
    name: Annotated[str, typer.Argument(help="As `list` names it.")],
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Make a view anew from the log beside the old one, which is read until the new one takes its place.

    Services may run. What ends it early leaves the old view; begin again.
    """
    from infra.cli.connect import broker
    from infra.view_rebuild import named, rebuild
    from infra.view_sizes import known
    from projections.service import every
    from runtime.checks import await_kafka
    from runtime.keys import Keys

    with told(), broker(LocalSettings(), prefix) as at:
        named(known(), name)
        await_kafka(at)
        with closing(Keys(at)) as keys, _progress() as shown:
            task = shown.add_task(name, total=None)
            done = rebuild(
                at, named(every(keys), name), lambda n, of: shown.update(task, completed=n, total=of)
            )
    if as_json:
        print_data(asdict(done))
        return
    if done.leftover:
        screen().print("an earlier rebuild had been ended early: what it left was removed")
    facts: dict[str, Any] = asdict(done)
    screen().print(
        "{view}: {rows:,} rows of {messages:,} records in {seconds:.1f} s, {rows_s:,.0f} rows a second; "
        "the projection waited {waited_s:.2f} s".format_map(facts),
        highlight=False,
        soft_wrap=True,
    )


def _progress() -> Progress:
    """On standard error, so that `--json` is data alone; nothing where nobody watches it."""
    watched = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=watched, transient=True, disable=not watched.is_terminal)


def _topics(names: tuple[str, ...]) -> str:
    """Dead letters are on many."""
    return ", ".join(names) if len(names) < 5 else f"{names[0]} and {len(names) - 1} others"
