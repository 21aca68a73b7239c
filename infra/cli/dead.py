"""`academy dead`: what the services have set aside."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

dead_app = typer.Typer(
    help="Records that a service could not take: what, from where, and why.", no_args_is_help=True
)

Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]


@dead_app.command("list")
def list_letters(as_json: AsJson = False, prefix: Prefix = None) -> None:
    """Print every dead letter that is kept, and why it is one."""
    from infra.cli.connect import broker
    from infra.dead import letters
    from runtime.checks import await_kafka

    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        found = list(letters(at))
    if as_json:
        print_data([asdict(each) | {"place": each.place} for each in found])
        return
    table = Table("place", "event", "key", "stood at", "reason")
    for each in found:
        table.add_row(each.place, each.event or "-", each.key or "-", each.source, each.reason)
    screen().print(table if found else "no dead letter is kept: nothing was set aside in the last 30 days")


@dead_app.command("show")
def show_letter(place: str, as_json: AsJson = False, prefix: Prefix = None) -> None:
    """Print one dead letter, named as `list` does: <group>/<partition>/<offset>."""
    from infra.cli.connect import broker
    from infra.dead import letter
    from runtime.checks import await_kafka

    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        facts = asdict(letter(at, place))
    if as_json:
        print_data(facts)
        return
    for name, value in facts.items():
        screen().print(f"{name:<10} {value}", markup=False, highlight=False, soft_wrap=True)
