"""`academy dead`: what the services have set aside, and what becomes of it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

if TYPE_CHECKING:
    from infra.dead import Letter
    from infra.redrive import Choice, Plan

dead_app = typer.Typer(
    help="Records that a service could not take: what, from where, and why.", no_args_is_help=True
)

Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]
Places = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PLACE]...", help="As `list` names them: group/partition/offset."),
]
OfGroup = Annotated[str | None, typer.Option("--group", help="Only letters of this service.")]
OfError = Annotated[
    str | None, typer.Option("--error", help="Only letters of this error, as `show` names it.")
]
OfEvent = Annotated[str | None, typer.Option("--event", help="Only letters of this type of event.")]
Everything = Annotated[bool, typer.Option("--all", help="Every letter that waits.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")]


@dead_app.command("list")
def list_letters(
    everything: Annotated[bool, typer.Option("--all", help="With those redriven or discarded.")] = False,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Print every dead letter that waits, and why it is one."""
    from infra.cli.connect import broker
    from infra.dead import letters
    from runtime.checks import await_kafka

    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        kept = [each.letter for each in letters(at)]
    found = [each for each in kept if everything or each.state == "waiting"]
    if as_json:
        print_data([_facts(each) for each in found])
    elif found:
        _print(found)
    elif kept:
        screen().print(f"no dead letter waits; `--all` shows the {len(kept)} that were redriven or discarded")
    else:
        screen().print("no dead letter is kept: nothing was set aside in the last 30 days")


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


@dead_app.command("redrive")
def redrive_letters(  # noqa: PLR0913 - an option each
    *,
    places: Places = None,
    group: OfGroup = None,
    error: OfError = None,
    event: OfEvent = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Give letters back to their service, after a mend: it takes them in the order in which it set them aside."""
    from infra.cli.connect import broker
    from infra.redrive import Choice, redrive
    from runtime.checks import await_kafka

    choice = _choice(Choice(tuple(places or ()), group, error, event), everything=everything)
    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        _tell(redrive(at, choice, dry_run=dry_run), "redriven", dry_run=dry_run, as_json=as_json)


@dead_app.command("discard")
def discard_letters(  # noqa: PLR0913 - an option each
    *,
    places: Places = None,
    group: OfGroup = None,
    error: OfError = None,
    event: OfEvent = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Note of letters that nobody wants them: they wait no longer and cannot be redriven."""
    from infra.cli.connect import broker
    from infra.redrive import Choice, discard
    from runtime.checks import await_kafka

    choice = _choice(Choice(tuple(places or ()), group, error, event), everything=everything)
    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        _tell(discard(at, choice, dry_run=dry_run), "discarded", dry_run=dry_run, as_json=as_json)


def _choice(choice: "Choice", *, everything: bool) -> "Choice":
    """The choice itself; a person who has named nothing, or too much, is asked to choose."""
    filters = (choice.group, choice.error, choice.event)
    if not (choice.places or any(filters) or everything):
        raise typer.BadParameter(
            "say which letters: name places as `academy dead list` does, give --group, --error or --event, or --all",
            param_hint="PLACE",
        )
    if choice.places and everything:
        raise typer.BadParameter("name places, or give --all", param_hint="PLACE")
    return choice


def _tell(plan: "Plan", done: str, *, dry_run: bool, as_json: bool) -> None:
    moved = [each.letter for each in plan.moved]
    if as_json:
        left = [{"place": letter.place, "why": why} for letter, why in plan.left]
        print_data({"dry_run": dry_run, done: [each.place for each in moved], "left": left})
        return
    if moved:
        _print(moved)
    word = "would be" if dry_run else "were"
    screen().print(f"{len(moved)} letters {word} {done}", highlight=False)
    for letter, why in plan.left:
        screen().print(f"{letter.place} stays: {why}", markup=False, highlight=False, soft_wrap=True)


def _print(found: "list[Letter]") -> None:
    table = Table("place", "state", "event", "key", "stood at", "reason")
    for each in found:
        table.add_row(each.place, each.state, each.event or "-", each.key or "-", each.source, each.reason)
    screen().print(table)


def _facts(letter: "Letter") -> dict[str, Any]:
    return asdict(letter) | {"place": letter.place}
