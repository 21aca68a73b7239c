"""`academy groups`: who reads what, how far behind, and for how long; and the way back to an earlier place."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

if TYPE_CHECKING:
    from infra.groups import Group
    from infra.rewind import Rewound, To

groups_app = typer.Typer(help="Who has which partition, how far behind it is, and for how long.")

Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]


@groups_app.callback(invoke_without_command=True)
def show_groups(context: typer.Context, as_json: AsJson = False, prefix: Prefix = None) -> None:
    """Say of each consumer group who has which partition, how far behind it is, and for how long."""
    from infra.cli.connect import connected
    from infra.groups import groups
    from runtime.checks import await_kafka

    if context.invoked_subcommand is not None:
        return
    with told():
        at = connected(LocalSettings(), prefix)
        await_kafka(at)
        found = groups(at)
    if as_json:
        print_data([_facts(group) for group in found])
        return
    table = Table("group", "state", "copies", "state age", "source", "partitions", "lag", "behind")
    for group in found:
        for topic in dict.fromkeys(place.topic for place in group.places):
            table.add_row(*_cells(group, topic))
    screen().print(table)


@groups_app.command("rewind")
def rewind_group(
    *,
    group: Annotated[
        str, typer.Argument(help="One that remembers nothing: projections, or a reader of your own.")
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="earliest|latest|TIME|FILE",
            help="Where it begins, where it ends, what was written from a time on (2026-05-01T12:00, in UTC), "
            "or the file that takes an earlier rewind back.",
        ),
    ],
    topic: Annotated[str | None, typer.Option(help="Only this topic, named as in the catalogue.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be moved; move nothing.")
    ] = False,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Let a group read again from an earlier place; refused while it runs, and for groups with state of their own."""
    from infra.cli.connect import broker
    from infra.rewind import rewind
    from runtime.checks import await_kafka

    place = destination(to)
    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        done = rewind(at, group, place, topic, dry_run=dry_run)
    if as_json:
        undo = None if done.undo is None else str(done.undo)
        print_data({"dry_run": dry_run, "moves": [asdict(move) for move in done.moves], "undo": undo})
    else:
        _print(done, group, dry_run=dry_run)


def destination(to: str) -> "To":
    """What `--to` names; a time without a zone is in UTC."""
    if to in ("earliest", "latest"):
        return to
    if Path(to).is_file():
        return Path(to)
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise typer.BadParameter(
            f"{to} is neither `earliest`, `latest`, a time such as 2026-05-01T12:00, nor a file",
            param_hint="--to",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print(done: "Rewound", group: str, *, dry_run: bool) -> None:
    if not done.moves:
        screen().print(f"{group} is there already: nothing was moved", highlight=False)
        return
    table = Table("topic", "partition", "before", "after", "records again")
    for move in done.moves:
        cells = (move.topic, move.partition, move.before, move.after, move.before - move.after)
        table.add_row(*map(str, cells))
    screen().print(table)
    if dry_run:
        screen().print("nothing was moved", highlight=False)
    if done.undo is not None:
        take_back = f"to take it back: academy groups rewind {group} --to {done.undo}"
        screen().print(take_back, markup=False, highlight=False, soft_wrap=True)


def _facts(group: "Group") -> dict[str, object]:
    places = [{**asdict(place), "lag": place.lag} for place in group.places]
    return {**asdict(group), "places": places}


def _cells(group: "Group", topic: str) -> tuple[str, ...]:
    mine = [place for place in group.places if place.topic == topic]
    behind = _oldest(place.behind_s for place in mine)
    lag = sum(place.lag for place in mine if place.behind_s is not None)
    age = _oldest(group.state_age_s.values())
    return group.name, group.state, str(len(group.members)), age, topic, str(len(mine)), str(lag), behind


def _oldest(seconds: Iterable[float | None]) -> str:
    ages = [each for each in seconds if each is not None]
    return f"{max(ages):.1f} s" if ages else "-"
