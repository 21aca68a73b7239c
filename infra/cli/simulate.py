"""`academy simulate`: its options; `comparison.py` does what they ask for."""

import os
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import AsJson


def simulate(  # noqa: PLR0913 - an option each
    *,
    worlds: Annotated[
        list[str] | None,
        typer.Option(
            "--world",
            "--worlds",
            help="A built-in world, or path/to/file.py:ClassName; may be repeated. Absent: all.",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Paired runs of each policy in each world.")] = 20,
    families: Annotated[int, typer.Option(min=2, help="Families of a run.")] = 100,
    tune: Annotated[bool, typer.Option("--tune", help="Try other constants of preset `default`.")] = False,
    page: Annotated[
        Path | None, typer.Option(help="Tune, report, and write the figures into this page.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Runs at a time.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Compare the presets with the rules on invented families: enrolment, declines, contacts."""
    from infra.cli.comparison import Size, compare, tune_constants, write_page

    size = Size(seeds, families, processes)
    if page is not None:
        if worlds or tune or as_json:
            raise typer.BadParameter(
                "goes with --seeds, --families and --processes only: the page is about the built-in worlds",
                param_hint="--page",
            )
        write_page(page, size)
    elif tune:
        tune_constants(worlds, size, as_json=as_json)
    else:
        compare(worlds, size, as_json=as_json)
