"""`academy erase`: forget a household or one person of it, and look whether words of theirs still stand anywhere."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

if TYPE_CHECKING:
    from infra.verification import Report
    from runtime.settings import Settings

PATIENCE = 60.0
"""Seconds until the projections have carried it out, where they run."""

Lead = Annotated[str | None, typer.Argument(metavar="[LEAD]", help="The household, by its id.")]
Subject = Annotated[
    str | None, typer.Option("--subject", help="One person alone: g/<guardian id> or c/<child id>.")
]
Sure = Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back.")]
Verify = Annotated[
    Path | None,
    typer.Option(
        "--verify", metavar="FILE", help="Look for the words of a file, one to a line; `-` reads them."
    ),
]
Also = Annotated[
    list[Path] | None, typer.Option("--also", help="With --verify: a further folder, such as one of exports.")
]
Prefix = Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")]


def erase(  # noqa: PLR0913 - an option each
    *,
    lead: Lead = None,
    subject: Subject = None,
    yes: Sure = False,
    verify: Verify = None,
    also: Also = None,
    as_json: AsJson = False,
    prefix: Prefix = None,
) -> None:
    """Forget a household or one person of it, for good; or say where given words still stand in clear."""
    from infra.cli.connect import broker
    from runtime.checks import await_kafka

    if (lead is None) == (verify is None):
        raise typer.BadParameter("name a household to forget, or --verify words", param_hint="LEAD")
    with told(), broker(LocalSettings(), prefix) as at:
        await_kafka(at)
        code = (
            _verified(at, verify, also or [], as_json)
            if verify
            else _erased(at, lead or "", subject, yes, as_json)
        )
    raise typer.Exit(code)


def _erased(at: "Settings", lead: str, subject: str | None, sure: bool, as_json: bool) -> int:  # noqa: FBT001
    from infra import erasures

    who = erasures.whom(lead, subject)
    count = erasures.keys_of(at, who)
    if not sure:
        whose = "the whole household" if subject is None else f"{subject} of the household"
        typer.confirm(f"Destroy {count} keys and forget {whose} for good?", abort=True, err=True)
    place = erasures.erase(at, who)
    found = erasures.receipt(at, place, PATIENCE)
    where = f"interactions/{place[0]}/{place[1]}"
    if as_json:
        print_data({"written": where, "receipt": found})
    elif found is None:
        screen().print(
            f"written as {where}, but not carried out yet: do extractor, decider and projections run?"
        )
    else:
        _print_receipt(found)
    return 0 if found else 1


def _print_receipt(found: dict[str, Any]) -> None:
    rows = ", ".join(f"{count} of {view}" for view, count in found["purged"].items()) or "none"
    print_ = screen().print
    print_(f"{len(found['keys'])} keys were destroyed at {found['destroyed_at']}", highlight=False)
    print_(f"rows purged: {rows}", highlight=False)
    for copy in found["copies"]:
        print_(f"a copy may stand in {copy['where']} until {copy['until']}", highlight=False)
    print_(f"receipt {found['receipt_id']}", highlight=False)


def _verified(at: "Settings", verify: Path, also: list[Path], as_json: bool) -> int:  # noqa: FBT001
    from infra.verification import Search, Words

    text = sys.stdin.read() if str(verify) == "-" else _text(verify)
    search = Search(Words(text.splitlines()))
    folders = [LocalSettings().data_dir.expanduser(), *also]
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), transient=True, disable=as_json
    ) as progress:
        task = progress.add_task("topics")
        search.topics(at)
        progress.update(task, description="tables of Postgres")
        search.rows(at)
        progress.update(task, description="files of Postgres")
        search.pages(at)
        for folder in folders:
            progress.update(task, description=f"files in {folder}")
            search.files(folder)
    report = search.report()
    if as_json:
        print_data(asdict(report))
    else:
        _print_report(report)
    return 1 if report.found else 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as wrong:
        raise typer.BadParameter(f"{path} cannot be read: {wrong.strerror}", param_hint="--verify") from None


def _print_report(report: "Report") -> None:
    print_ = screen().print
    for one in report.found:
        until = f"; there it goes within {one.until}" if one.until else ""
        print_(
            f"word {one.word} stands in {one.place}, {one.times} times{until}", markup=False, highlight=False
        )
    looked = ", ".join(f"{count:,} {what}" for what, count in report.looked.items())
    print_(f"{'found' if report.found else 'nothing was found'} in {looked}", highlight=False)
    for why in report.not_looked:
        print_(f"not looked at: {why}", markup=False, highlight=False, soft_wrap=True)
