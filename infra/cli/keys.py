"""`academy keys`: the master key that wraps everybody's keys."""

from dataclasses import asdict
from typing import Annotated

import typer

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

keys_app = typer.Typer(help="The master key that wraps everybody's keys.", no_args_is_help=True)


@keys_app.callback()
def group() -> None:
    """A group of its own, so that `rotate` stays a word of the command."""


@keys_app.command()
def rotate(
    *,
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Make a new master key and wrap every key under it; the log is not touched, and services go on."""
    from infra.cli.connect import broker
    from infra.rotation import rotate as wrap_anew

    with told(), broker(LocalSettings(), prefix) as at:
        done = wrap_anew(at)
    if as_json:
        print_data(asdict(done) | {"kept": str(done.kept)})
        return
    screen().print(
        f"{done.keys} keys are wrapped under master key {done.after}, no longer under {done.before}\n"
        f"back up the new file; {done.kept} is the old one: backups of the database that are older need it, "
        "remove it with the last of them",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
